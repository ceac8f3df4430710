/** The timeline of one source: what is recorded, holes, holds, events and alerts, the time shown. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Lock } from "lucide";
import { locale, say } from "../../shared/i18n/index.ts";
import { sayTime } from "../../shared/moments.ts";
import { sayAbsolute, sayClock } from "../../shared/time.ts";
import { EVENT_KINDS, type EventKind } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { instant, type Mark } from "./api.ts";
import type { Deck } from "./deck.ts";
import { Filmstrip, Hovered } from "./thumbnails.tsx";
import { between, inView, shareOf, ticksOf, timeAt, type Span, type View } from "./timeline.ts";
import type { Watched } from "./watched.ts";
import { text } from "./words/index.ts";

/** A press that moves less is a press, not a drag. */
const DRAG_PX = 4;
const WHEEL_STEP = 1.25;

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
const place = (span: Span, view: View): { left: string; width: string } => ({
  left: percent(shareOf(span.from, view)),
  width: percent((span.to - span.from) / (view.to - view.from)),
});

export function TimelineBar(props: {
  deck: Deck;
  watched: Watched;
  /** With its times, thumbnails and marks to press; else a strip below its picture. */
  full: boolean;
}): JSX.Element {
  const { deck, watched, full } = props;
  const [box, width] = useWidth();
  const [hover, setHover] = useState<number | null>(null);
  const drag = useRef<{ x: number; at: number; marks: boolean } | null>(null);
  const view = deck.view.value;
  const timeUnder = (event: MouseEvent): number => {
    const { left, width: wide } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return timeAt((event.clientX - left) / wide, view);
  };
  return (
    <div
      class={`timeline-bar${full ? " full" : ""}`}
      data-testid={full ? "timeline" : "timeline-strip"}
      data-known={watched.recorded.value !== null}
    >
      {full && <Filmstrip watched={watched} view={view} width={width} />}
      <div
        ref={box}
        class="timeline-band"
        onWheel={(event) => {
          event.preventDefault();
          const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
          const by = event.deltaX || event.deltaY;
          if (sideways) deck.pan((Math.sign(by) * (view.to - view.from)) / 10);
          else deck.zoom(event.deltaY > 0 ? WHEEL_STEP : 1 / WHEEL_STEP, timeUnder(event));
        }}
        onPointerDown={(event) => {
          if (event.button !== 0 || (event.target as Element).closest("button")) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = timeUnder(event);
          drag.current = { x: event.clientX, at, marks: event.shiftKey };
          if (!event.shiftKey) deck.jump(at);
        }}
        onPointerMove={(event) => {
          const at = timeUnder(event);
          setHover(at);
          const held = drag.current;
          if (!held || Math.abs(event.clientX - held.x) < DRAG_PX) return;
          if (held.marks) {
            deck.marked.value = { from: Math.min(held.at, at), to: Math.max(held.at, at) };
          } else deck.jump(at);
        }}
        onPointerUp={() => (drag.current = null)}
        onPointerCancel={() => (drag.current = null)}
        onPointerLeave={() => setHover(null)}
      >
        <Band deck={deck} watched={watched} view={view} />
        {full && <Times view={view} width={width} />}
        <Marks deck={deck} watched={watched} view={view} full={full} />
        <Cursor deck={deck} view={view} full={full} />
        {hover !== null && <Hovered watched={watched} view={view} at={hover} full={full} />}
      </div>
    </div>
  );
}

/** What is drawn, and says nothing to a screen reader: the slider and the marks do. */
function Band({ deck, watched, view }: { deck: Deck; watched: Watched; view: View }): JSX.Element {
  const known = watched.recorded.value;
  const marked = deck.marked.value;
  const until = Math.min(view.to, deck.edge);
  return (
    <div class="timeline-drawn" aria-hidden="true">
      {known &&
        inView(between(known.spans, view.from, until), view).map((gap) => (
          <span key={`gap-${gap.from}`} class="timeline-gap" style={place(gap, view)} />
        ))}
      {known &&
        inView(known.spans, view).map((span) => (
          <span key={`span-${span.from}`} class="timeline-span" style={place(span, view)} />
        ))}
      {inView(watched.damaged.value, view).map((span) => (
        <span
          key={`damaged-${span.from}`}
          class="timeline-damaged"
          style={place(span, view)}
          title={text("damaged.title")}
        />
      ))}
      {known &&
        inView(known.holds, view).map((held) => (
          <span
            key={`hold-${held.id}`}
            class="timeline-hold"
            style={place(held, view)}
            title={text("timeline.held")}
          >
            <Icon node={Lock} size={14} />
          </span>
        ))}
      {marked &&
        inView([marked.to > marked.from ? marked : { from: marked.from, to: marked.from + 1 }], view).map(
          (span) => <span key="marked" class="timeline-marked" style={place(span, view)} />,
        )}
      {until < view.to && (
        <span class="timeline-future" style={place({ from: until, to: view.to }, view)} />
      )}
    </div>
  );
}

function Times({ view, width }: { view: View; width: number }): JSX.Element {
  return (
    <div class="timeline-times" aria-hidden="true">
      {ticksOf(view, width).map((at) => (
        <span key={at} style={{ left: percent(shareOf(at, view)) }}>
          {sayClock(at).replace(/:00$/, view.to - view.from > 300_000 ? "" : ":00")}
        </span>
      ))}
    </div>
  );
}

function Marks(props: { deck: Deck; watched: Watched; view: View; full: boolean }): JSX.Element {
  const { deck, watched, view, full } = props;
  const marks = (watched.recorded.value?.marks ?? []).filter(
    ({ at }) => at >= view.from && at <= view.to,
  );
  return (
    <>
      {marks.map((mark) => (
        <button
          key={mark.id}
          type="button"
          class={`timeline-mark ${mark.what}`}
          data-testid="timeline-mark"
          tabIndex={full ? 0 : -1}
          style={{ left: percent(shareOf(mark.at, view)) }}
          title={sayMark(mark)}
          aria-label={sayMark(mark)}
          onClick={() => deck.jump(mark.at)}
        />
      ))}
    </>
  );
}

export function sayMark({ what, kind, at }: Mark): string {
  const known = EVENT_KINDS.find((one): one is EventKind => one === kind);
  const name = known ? say(`kind.${known}`) : kind;
  return text(`timeline.${what}`, { kind: name, time: sayTime(at) });
}

/** The time that is shown, to be moved by keys: the slider of the timeline. */
function Cursor({ deck, view, full }: { deck: Deck; view: View; full: boolean }): JSX.Element | null {
  const at = deck.at.value;
  const share = shareOf(at, view);
  if (share < 0 || share > 1) return null;
  const style = { left: percent(share) };
  if (!full) return <span class="timeline-cursor" style={style} aria-hidden="true" />;
  return (
    <div
      class="timeline-cursor"
      style={style}
      role="slider"
      tabIndex={0}
      data-testid="timeline-cursor"
      aria-label={text("timeline.slider")}
      aria-valuemin={Math.round(view.from / 1000)}
      aria-valuemax={Math.round(view.to / 1000)}
      aria-valuenow={Math.round(at / 1000)}
      aria-valuetext={sayAbsolute(instant(at), locale.value)}
    />
  );
}

/** The width of an element in CSS pixels; 0 until it is known. */
function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | null>(null);
  useEffect(() => () => observer.current?.disconnect(), []);
  const hold = useRef((element: HTMLElement | null): void => {
    observer.current?.disconnect();
    if (!element) return;
    observer.current = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.current.observe(element);
    setWidth(element.clientWidth);
  });
  return [hold.current, width];
}
