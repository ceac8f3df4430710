/** A look drawn over the picture: where something moved, what is followed, the rules' shapes. */

import type { ComponentChildren, JSX } from "preact";
import { svgPoints } from "../../../../shared/geo.ts";
import type { Look, Sides } from "./looks.ts";
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
        {[...look.flames, ...look.findings].map(({ box }, i) => (
          <Rect key={i} look="tuning-left" sides={box} />
        ))}
        {look.unseen.map((one, i) => <Rect key={i} look="tuning-box lost" sides={one.box} />)}
        {look.tracks.map((one, i) => <Rect key={i} look="tuning-box" sides={one.box} />)}
      </svg>
      {look.tracks.map((one, i) => (
        <Name key={i} box={one.box} testid="tuning-thing">
          {one.track ?? "?"} {words(`class.${one.class}`)} {percent(one.confidence)}
        </Name>
      ))}
      {look.unseen.map((one, i) => (
        <Name key={i} box={one.box}>
          {one.track ?? "?"}
        </Name>
      ))}
      {look.flames.map(({ box, share }, i) => (
        <Name key={i} box={box}>
          {words("flame")} {percent(share)}
        </Name>
      ))}
      {look.findings.map(({ box, label, share }, i) => (
        <Name key={i} box={box}>
          {label} {percent(share)}
        </Name>
      ))}
    </div>
  );
}

/** Beside the drawing, which is stretched to the picture's form. */
function Name(props: { box: Sides; testid?: string; children: ComponentChildren }): JSX.Element {
  const [left, top] = props.box;
  return (
    <span
      class="tuning-name"
      style={{ left: `${left * 100}%`, top: `${top * 100}%` }}
      data-testid={props.testid}
    >
      {props.children}
    </span>
  );
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

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
