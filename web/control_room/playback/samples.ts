/** When each recorded picture begins and how long it lasts, as its fragment says. Pure.
 *
 * Of ISO 14496-12 it knows what our recorder writes: pictures are track 1, in 90 kHz, each sample
 * with its duration, size and flags; a fragment's start is in 64 bits.
 */

/** In seconds of the media. */
export interface Sample {
  start: number;
  lasts: number;
}

const PICTURES = 1;
const TICKS_PER_S = 90_000;
const BOX = 8;
/** Of a `trun`: version and flags, count, where the data is. */
const RUN_HEAD = 12;
const A_SAMPLE = 12;
/** A minute at sixty a second, and as much behind: more than a browser is given to keep. */
const MOST = 7_200;
/** A picture that stands for longer is followed by a hole. */
const LONGEST_S = 1;
/** Two pictures are further apart than any rounding. */
const ROUNDING_S = 0.002;

interface Box {
  kind: string;
  from: number;
  to: number;
}

/** The pictures of one fragment: when they begin, and where the table of its samples lies. */
interface Run {
  ticks: number;
  from: number;
  to: number;
}

/** The pictures of the fragments in `data`, in order; what can't be read is passed over. */
export function samplesOf(data: Uint8Array): Sample[] {
  const view = viewOf(data);
  return runsOf(view).flatMap(({ ticks, from, to }) => {
    const found: Sample[] = [];
    for (let at = from; at < to; at += A_SAMPLE) {
      const duration = view.getUint32(at);
      found.push({ start: ticks / TICKS_PER_S, lasts: duration / TICKS_PER_S });
      ticks += duration;
    }
    return found;
  });
}

/**
 * Has each fragment's last picture last until the next fragment, or until the end of `data`, whose
 * pictures last `lasts_s`: when it was written it was a guess. Over a hole of some pictures, as a
 * busy camera leaves, a browser drops all up to the next keyframe, and shows nothing.
 */
export function lengthen(data: Uint8Array, lasts_s: number): void {
  const view = viewOf(data);
  const runs = runsOf(view);
  runs.forEach(({ ticks, from, to }, i) => {
    let end = ticks;
    for (let at = from; at < to; at += A_SAMPLE) end += view.getUint32(at);
    const next = runs[i + 1]?.ticks ?? (runs[0] as Run).ticks + Math.round(lasts_s * TICKS_PER_S);
    const last = to - A_SAMPLE;
    if (next > end) view.setUint32(last, view.getUint32(last) + next - end);
  });
}

const viewOf = (data: Uint8Array): DataView =>
  new DataView(data.buffer, data.byteOffset, data.byteLength);

function runsOf(view: DataView): Run[] {
  return boxes(view, 0, view.byteLength)
    .filter(({ kind }) => kind === "moof")
    .flatMap((moof) => boxes(view, moof.from, moof.to).filter(({ kind }) => kind === "traf"))
    .flatMap((traf) => runOf(view, traf) ?? []);
}

function boxes(view: DataView, from: number, to: number): Box[] {
  const found: Box[] = [];
  while (from + BOX <= to) {
    const size = view.getUint32(from);
    if (size < BOX || from + size > to) break;
    const kind = String.fromCharCode(...[4, 5, 6, 7].map((at) => view.getUint8(from + at)));
    found.push({ kind, from: from + BOX, to: from + size });
    from += size;
  }
  return found;
}

function runOf(view: DataView, traf: Box): Run | null {
  const inner = new Map(boxes(view, traf.from, traf.to).map((box) => [box.kind, box]));
  const [head, time, run] = ["tfhd", "tfdt", "trun"].map((kind) => inner.get(kind));
  if (!head || !time || !run || view.getUint32(head.from + 4) !== PICTURES) return null;
  const isLong = view.getUint8(time.from) === 1;
  const ticks = isLong ? Number(view.getBigUint64(time.from + 4)) : view.getUint32(time.from + 4);
  const from = run.from + RUN_HEAD;
  const count = Math.max(0, Math.floor((run.to - from) / A_SAMPLE));
  return count === 0 ? null : { ticks, from, to: from + count * A_SAMPLE };
}

/** What the browser was given to show, in order. */
export class Pictures {
  #all: readonly Sample[] = [];

  /** These are there now, in the place of what was at their time. */
  add(samples: readonly Sample[]): void {
    const [first, last] = [samples[0], samples.at(-1)];
    if (!first || !last) return;
    const end = last.start + last.lasts - ROUNDING_S;
    const before = this.#all.filter(({ start }) => start < first.start - ROUNDING_S);
    const after = this.#all.filter(({ start }) => start >= end);
    // The furthest from what came last go first.
    const all = [...before.slice(-MOST / 2), ...samples, ...after];
    this.#all = all.slice(0, Math.max(MOST, samples.length + MOST / 2));
  }

  /** The picture that a browser shows at this time; null: not known (any more). */
  at(media_s: number): Sample | null {
    const found = this.#all.findLast(({ start }) => start <= media_s + ROUNDING_S / 2);
    if (!found) return null;
    // How long a fragment's last picture lasts was a guess when it was written.
    const next = this.beside(found, 1)?.start ?? 0;
    const guessed = found.start + found.lasts + ROUNDING_S;
    const end = next - found.start < LONGEST_S ? Math.max(next, guessed) : guessed;
    return media_s < end ? found : null;
  }

  /** The one after it, or before it. */
  beside(one: Sample, way: 1 | -1): Sample | null {
    const found =
      way === 1
        ? this.#all.find(({ start }) => start > one.start + ROUNDING_S)
        : this.#all.findLast(({ start }) => start < one.start - ROUNDING_S);
    return found ?? null;
  }
}
