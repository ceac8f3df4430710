/** The geometry of a timeline: which time lies where, and what is drawn of it. Pure; times in ms. */

export interface Span {
  from: number;
  to: number;
}

/** What a timeline shows, from its left edge to its right. */
export type View = Span;

/** Closer than this a second is wider than a thumb; wider than a day is not asked for at once. */
const NARROWEST_MS = 10_000;
export const WIDEST_MS = 24 * 3_600_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
];

/** The share of the width at which `at` lies; outside 0..1 when it is not in view. */
export function shareOf(at: number, view: View): number {
  return (at - view.from) / (view.to - view.from);
}

export function timeAt(share: number, view: View): number {
  return view.from + share * (view.to - view.from);
}

/** Wider (`factor` > 1) or closer, with `around` where it was, never beyond `limits`. */
export function zoomed(view: View, factor: number, around: number, limits: Span): View {
  const width = view.to - view.from;
  const widest = Math.min(WIDEST_MS, limits.to - limits.from);
  const wanted = Math.min(Math.max(width * factor, NARROWEST_MS), widest);
  const from = around - shareOf(around, view) * wanted;
  return within({ from, to: from + wanted }, limits);
}

export function moved(view: View, by_ms: number, limits: Span): View {
  return within({ from: view.from + by_ms, to: view.to + by_ms }, limits);
}

/** The same view while `at` is well inside; else one of the same width that has room ahead of it. */
export function following(view: View, at: number, limits: Span): View {
  const share = shareOf(at, view);
  if (share >= 0.02 && share <= 0.96) return view;
  const width = view.to - view.from;
  const from = at - width * (share < 0.02 ? 0.85 : 0.1);
  const next = within({ from, to: from + width }, limits);
  return next.from === view.from && next.to === view.to ? view : next;
}

/** Moved, not cut, so that it stays as wide; a view wider than the limits is the limits. */
function within(view: View, limits: Span): View {
  const width = Math.min(view.to - view.from, limits.to - limits.from);
  const from = Math.min(Math.max(view.from, limits.from), limits.to - width);
  return { from, to: from + width };
}

/** The parts of `spans` that are in view. */
export function inView<S extends Span>(spans: readonly S[], view: View): S[] {
  return spans.flatMap((span) => {
    const from = Math.max(span.from, view.from);
    const to = Math.min(span.to, view.to);
    return to > from ? [{ ...span, from, to }] : [];
  });
}

/** What lies between `spans`, in order, from `since` to `until`. */
export function between(spans: readonly Span[], since: number, until: number): Span[] {
  const gaps: Span[] = [];
  let seen = since;
  for (const { from, to } of spans) {
    if (from > seen) gaps.push({ from: seen, to: Math.min(from, until) });
    seen = Math.max(seen, to);
  }
  if (until > seen) gaps.push({ from: seen, to: until });
  return gaps.filter(({ from, to }) => to > from);
}

/** Where times are written: at whole steps of the town's clock, `least_px` apart at least. */
export function ticksOf(view: View, width_px: number, least_px = 88): number[] {
  if (width_px <= 0) return [];
  const least_ms = ((view.to - view.from) * least_px) / width_px;
  const step = STEPS_MS.find((one) => one >= least_ms) ?? 24 * HOUR;
  // Hours are those of the wall clock, which is not UTC's everywhere.
  const offset = new Date(view.from).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((view.from - offset) / step) * step + offset;
  const ticks: number[] = [];
  for (let at = first; at <= view.to; at += step) ticks.push(at);
  return ticks;
}

/** The mark after `at`, or before it; null when there is none. A mark that we stand on is past. */
export function nextMark(marks: readonly number[], at: number, way: 1 | -1): number | null {
  const beyond = marks.filter((mark) => (mark - at) * way > SECOND / 2);
  if (beyond.length === 0) return null;
  return way === 1 ? Math.min(...beyond) : Math.max(...beyond);
}

/** `count` times over a view, each on a grid of its own width, so that a small move keeps them. */
export function filmstrip(view: View, count: number): number[] {
  if (count <= 0) return [];
  const step = 2 ** Math.ceil(Math.log2((view.to - view.from) / count));
  const first = Math.ceil(view.from / step) * step;
  const times: number[] = [];
  for (let at = first; at < view.to; at += step) times.push(at);
  return times;
}
