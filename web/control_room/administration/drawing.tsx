/** Polygons and lines drawn on a picture: by mouse, by finger, or with the arrow keys. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { svgPoints } from "../../shared/geo.ts";
import { Problem } from "../../shared/problem.ts";
import type { PicturePoints } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { text } from "./words/index.ts";
import { closest, moved, placed, shareOf } from "./zone_points.ts";

type At = [number, number];

export interface Outline {
  points: PicturePoints;
  isLine?: boolean;
  /** Classes of the sheet, as "zone" or "mask burnt". */
  look: string;
}

/** `picture` is loaded anew when `which` changes. `onPoints` is told `moving` while one is dragged. */
export function Drawing(props: {
  name: string;
  which: string;
  picture: () => Promise<Blob>;
  outlines: readonly Outline[];
  at: number;
  /** Nothing to take hold of: it is looked at as it will be. */
  isPreview?: boolean;
  onPoints: (points: PicturePoints, moving: boolean) => void;
  /** Which point was taken hold of last; null when none is. */
  onPoint?: (point: number | null) => void;
  /** The picture is there: its width by its height. */
  onAspect?: (aspect: number) => void;
  blank: ComponentChildren;
  /** SVG over what is drawn, in a viewBox of 1000 by 1000. */
  children?: ComponentChildren;
}): JSX.Element {
  const { outlines, at, onPoints, onPoint } = props;
  const [cursor, setCursor] = useState<At>([0.5, 0.5]);
  const [held, setHeld] = useState<number | null>(null);
  const [last, setLast] = useState<number | null>(null);
  const dragged = useRef<number | null>(null);
  const wasMoved = useRef(false);
  const outline = outlines[at];
  const chosen = outline?.points;
  const take = (point: number | null): void => {
    setLast(point);
    onPoint?.(point);
  };
  useEffect(() => {
    setHeld(null);
    take(null);
  }, [at, outlines.length]);
  const move = (corner: number, to: At, moving: boolean): void => {
    if (chosen && corner < chosen.length) onPoints(chosen.with(corner, to), moving);
  };
  const put = (here: At): number | null => {
    if (!chosen) return null;
    const { points, at: put } = placed(chosen, here, !outline.isLine);
    onPoints(points, false);
    return put;
  };
  const remove = (point: number): void => {
    if (!chosen) return;
    setHeld(null);
    take(null);
    onPoints(chosen.toSpliced(point, 1), false);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(cursor, event.key, event.shiftKey);
    if (next) {
      setCursor(next);
      if (held !== null) move(held, next, true);
    } else if (event.key === "Enter" && chosen && held === null) {
      take(put(cursor));
    } else if (event.key === " " && chosen) {
      if (held !== null) move(held, cursor, false);
      const taken = held === null ? closest(chosen, cursor) : null;
      setHeld(taken);
      take(taken ?? held);
    } else if (event.key === "Backspace" && chosen) {
      remove(chosen.length - 1);
    } else if (event.key === "Delete" && chosen) {
      const point = held ?? closest(chosen, cursor) ?? last;
      if (point !== null) remove(point);
    } else return;
    event.preventDefault();
  };
  return (
    <div class="zone-picture">
      <Picture {...props} />
      <svg
        viewBox="0 0 1000 1000"
        preserveAspectRatio="none"
        // In small letters: an SVG element's attributes keep their case, and "tabIndex" is none.
        tabindex={0}
        role="application"
        aria-label={text("zone.canvas")}
        data-testid="zone-canvas"
        onKeyDown={(event) => onKey(event as unknown as KeyboardEvent)}
        onPointerDown={(event) => {
          if (!chosen) return;
          const here = shareOf(event, event.currentTarget.getBoundingClientRect());
          event.currentTarget.setPointerCapture(event.pointerId);
          wasMoved.current = false;
          dragged.current = closest(chosen, here);
          dragged.current ??= put(here);
          take(dragged.current);
        }}
        onPointerMove={(event) => {
          if (dragged.current === null) return;
          wasMoved.current = true;
          move(dragged.current, shareOf(event, event.currentTarget.getBoundingClientRect()), true);
        }}
        onPointerUp={(event) => {
          const corner = dragged.current;
          dragged.current = null;
          if (corner === null || !wasMoved.current) return;
          move(corner, shareOf(event, event.currentTarget.getBoundingClientRect()), false);
        }}
        onPointerCancel={() => (dragged.current = null)}
      >
        {outlines.map(({ points, isLine, look }, i) => {
          const drawn = { class: `${look} ${i === at ? "chosen" : ""}`, points: svgPoints(points) };
          return isLine ? <polyline key={i} {...drawn} /> : <polygon key={i} {...drawn} />;
        })}
        {props.children}
        {!props.isPreview &&
          chosen?.map(([x, y], i) => (
            // A stroke without length: round, whatever the picture's form stretches.
            <path
              key={i}
              class={i === (held ?? last) ? "zone-point held" : "zone-point"}
              d={`M${x * 1000} ${y * 1000}h0`}
            />
          ))}
        {!props.isPreview && (
          <path
            class="zone-cursor"
            d={`M${cursor[0] * 1000 - 22} ${cursor[1] * 1000}h44M${cursor[0] * 1000} ${cursor[1] * 1000 - 22}v44`}
          />
        )}
      </svg>
    </div>
  );
}

function Picture(props: {
  name: string;
  which: string;
  picture: () => Promise<Blob>;
  blank: ComponentChildren;
  onAspect?: (aspect: number) => void;
}): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let shown: string | null = null;
    let isGone = false;
    setProblem(null);
    setUrl(null); // what is said of the picture that comes is not said of the one that was there
    props.picture().then(
      (blob) => {
        if (isGone) return;
        shown = URL.createObjectURL(blob);
        setUrl(shown);
      },
      (error: unknown) => {
        if (!isGone) setProblem(Problem.of(error));
      },
    );
    return () => {
      isGone = true;
      if (shown) URL.revokeObjectURL(shown);
    };
  }, [props.which]);
  if (problem) {
    return (
      <div class="zone-blank">
        <p class="small quiet">{props.blank}</p>
        <Fault error={problem} />
      </div>
    );
  }
  const measure = (shown: HTMLImageElement): void => {
    // In its own form: an angle that is drawn is the one that is measured.
    const aspect = shown.naturalWidth / shown.naturalHeight || 16 / 9;
    shown.style.aspectRatio = String(aspect);
    props.onAspect?.(aspect);
  };
  return url ? (
    <img src={url} alt={props.name} onLoad={(event) => measure(event.currentTarget)} />
  ) : (
    <div class="skeleton" />
  );
}
