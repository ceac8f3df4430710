/** Polygons drawn on a picture: by mouse, by finger, or with the arrow keys. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { svgPoints } from "../../shared/geo.ts";
import { Problem } from "../../shared/problem.ts";
import type { PicturePoints } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { text } from "./words/index.ts";
import { closest, moved, shareOf } from "./zone_points.ts";

type At = [number, number];

/** `picture` is loaded anew when `which` changes. `onPoints` is told `moving` while one is dragged. */
export function Drawing(props: {
  name: string;
  which: string;
  picture: () => Promise<Blob>;
  polygons: readonly PicturePoints[];
  at: number;
  look: "zone" | "mask" | "preview";
  onPoints: (points: PicturePoints, moving: boolean) => void;
  blank: ComponentChildren;
}): JSX.Element {
  const { polygons, at, look, onPoints } = props;
  const [cursor, setCursor] = useState<At>([0.5, 0.5]);
  const [held, setHeld] = useState<number | null>(null);
  const dragged = useRef<number | null>(null);
  const wasMoved = useRef(false);
  const chosen = polygons[at];
  useEffect(() => setHeld(null), [at, polygons.length]);
  const move = (corner: number, to: At, moving: boolean): void => {
    if (chosen && corner < chosen.length) onPoints(chosen.with(corner, to), moving);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(cursor, event.key, event.shiftKey);
    if (next) {
      setCursor(next);
      if (held !== null) move(held, next, true);
    } else if (event.key === "Enter" && chosen && held === null) {
      onPoints([...chosen, cursor], false);
    } else if (event.key === " " && chosen) {
      if (held !== null) move(held, cursor, false);
      setHeld(held === null ? closest(chosen, cursor) : null);
    } else if (event.key === "Backspace" && chosen) {
      setHeld(null);
      onPoints(chosen.slice(0, -1), false);
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
          if (dragged.current !== null) return;
          onPoints([...chosen, here], false);
          dragged.current = chosen.length;
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
        {polygons.map((polygon, i) => (
          <polygon
            key={i}
            class={`${look === "preview" ? "mask burnt" : look} ${i === at ? "chosen" : ""}`}
            points={svgPoints(polygon)}
          />
        ))}
        {look !== "preview" &&
          chosen?.map(([x, y], i) => (
            <circle
              key={i}
              class={i === held ? "zone-point held" : "zone-point"}
              cx={x * 1000}
              cy={y * 1000}
              r={9}
            />
          ))}
        {look !== "preview" && (
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
  return url ? <img src={url} alt={props.name} /> : <div class="skeleton" />;
}
