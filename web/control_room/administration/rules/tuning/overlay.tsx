/** A look drawn over the picture: where something moved, what is followed, the rules' shapes. */

import type { JSX } from "preact";
import { svgPoints } from "../../../../shared/geo.ts";
import type { Look, SeenThing, Sides } from "./looks.ts";
import { words } from "./words.ts";

export function Overlay({ look }: { look: Look }): JSX.Element {
  // What was drawn on another position's picture means nothing on this one.
  const rules = look.rules.filter(({ rests }) => rests !== "off-preset");
  return (
    <div class="tuning-overlay" aria-hidden="true" data-testid="tuning-overlay">
      <svg viewBox="0 0 1000 1000" preserveAspectRatio="none">
        {rules.map((rule) => {
          const drawn = { class: `tuning-rule ${rule.doing}`, points: svgPoints(rule.points) };
          return rule.shape === "line" ? (
            <polyline key={rule.id} {...drawn} />
          ) : (
            <polygon key={rule.id} {...drawn} />
          );
        })}
        {look.regions.map((sides, i) => <Rect key={i} look="tuning-region" sides={sides} />)}
        {look.left_things.map((sides, i) => <Rect key={i} look="tuning-left" sides={sides} />)}
        {look.unseen.map((one, i) => <Rect key={i} look="tuning-box lost" sides={one.box} />)}
        {look.tracks.map((one, i) => <Rect key={i} look="tuning-box" sides={one.box} />)}
      </svg>
      {look.tracks.map((one, i) => <Name key={i} one={one} />)}
      {look.unseen.map((one, i) => <Name key={i} one={one} isLost />)}
    </div>
  );
}

/** Beside the drawing, which is stretched to the picture's form. */
function Name({ one, isLost = false }: { one: SeenThing; isLost?: boolean }): JSX.Element {
  const [left, top] = one.box;
  return (
    <span
      class="tuning-name"
      style={{ left: `${left * 100}%`, top: `${top * 100}%` }}
      data-testid={isLost ? undefined : "tuning-thing"}
    >
      {one.track ?? "?"}
      {!isLost && ` ${words(`class.${one.class}`)} ${Math.round(one.confidence * 100)} %`}
    </span>
  );
}

function Rect({ sides, look }: { sides: Sides; look: string }): JSX.Element {
  const [left, top, right, bottom] = sides;
  return (
    <rect
      class={look}
      x={left * 1000}
      y={top * 1000}
      width={(right - left) * 1000}
      height={(bottom - top) * 1000}
    />
  );
}
