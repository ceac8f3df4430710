/** Small pictures of a recording: along its timeline, and of the time under the pointer. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { sayTime } from "../../shared/moments.ts";
import { thumbnailOf } from "./api.ts";
import { filmstrip, shareOf, type View } from "./timeline.ts";
import type { Watched } from "./watched.ts";

const STRIP_WIDTH_PX = 112;
const HOVERED_WIDTH_PX = 224;
/** The smallest that is made. */
const LEAST_WIDTH_PX = 160;
/** While the view or the pointer moves, no picture is asked for. */
const STRIP_SETTLES_MS = 400;
const HOVER_SETTLES_MS = 150;
/** Thumbnails are of keyframes: closer times would be the same picture. */
const GRID_MS = 1_000;

export function Filmstrip(props: { watched: Watched; view: View; width: number }): JSX.Element {
  const { watched, view, width } = props;
  const settled = useSettled(view, `${view.from}-${view.to}`, STRIP_SETTLES_MS);
  const times = filmstrip(settled, Math.floor(width / STRIP_WIDTH_PX));
  return (
    <div class="filmstrip" aria-hidden="true">
      {times
        .filter((at) => isRecorded(watched, at))
        .map((at) => (
          <span key={at} style={{ left: `${shareOf(at, view) * 100}%` }}>
            <Thumbnail watched={watched} at={at} width={STRIP_WIDTH_PX} />
          </span>
        ))}
    </div>
  );
}

/** The time under the pointer, with its picture when the pointer rests. */
export function Hovered(props: {
  watched: Watched;
  view: View;
  at: number;
  full: boolean;
}): JSX.Element {
  const { watched, view, at, full } = props;
  const near = Math.round(at / GRID_MS) * GRID_MS;
  const settled = useSettled(near, String(near), HOVER_SETTLES_MS);
  const share = Math.min(0.97, Math.max(0.03, shareOf(at, view)));
  return (
    <div class={`timeline-hovered${full ? " full" : ""}`} style={{ left: `${share * 100}%` }}>
      {settled === near && isRecorded(watched, near) && (
        <Thumbnail watched={watched} at={near} width={HOVERED_WIDTH_PX} />
      )}
      <span>{sayTime(at)}</span>
    </div>
  );
}

function Thumbnail(props: { watched: Watched; at: number; width: number }): JSX.Element | null {
  const { watched, at, width } = props;
  const [failed, setFailed] = useState(false);
  const leave = watched.leave.value;
  // Leave is for some hours; pictures of others are not asked for.
  if (failed || !leave || at < leave.from || at >= leave.to) return null;
  return (
    <img
      src={thumbnailOf(leave, at, Math.max(width, LEAST_WIDTH_PX))}
      alt=""
      width={width}
      height={Math.round((width * 9) / 16)}
      decoding="async"
      data-testid="thumbnail"
      onError={() => setFailed(true)}
    />
  );
}

function isRecorded(watched: Watched, at: number): boolean {
  return watched.recorded.value?.spans.some(({ from, to }) => at >= from && at < to) ?? false;
}

/** The value as it was when it last stood still for a moment; `name` says when it is another. */
function useSettled<T>(value: T, name: string, after_ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after_ms);
    return () => clearTimeout(timer);
  }, [name]);
  return settled;
}
