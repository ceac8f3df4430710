/** What a rule's drawing means: the way that counts, the allowed direction, what is wrong where. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Rule } from "../../../shared/types.ts";
import { shareOf } from "../zone_points.ts";
import { arrowPath, bearingOf, countedArrows, directionArrow } from "./arrows.ts";
import { middleOf, type ShapeFault } from "./faults.ts";
import { words } from "./words.ts";

const TURN = 5;
const LARGE_TURN = 15;

/** `onBearing` is told `moving` while the arrow is dragged; without it nothing can be turned. */
export function RuleShape(props: {
  rule: Rule;
  isChosen: boolean;
  /** Of the picture, its width by its height. */
  aspect: number;
  onBearing?: (bearing: number, moving: boolean) => void;
}): JSX.Element {
  const { rule, isChosen, aspect } = props;
  const look = isChosen ? "rule-arrow chosen" : "rule-arrow";
  if (rule.shape === "line") {
    return (
      <>
        {countedArrows(rule.points, rule.counts, aspect).map((arrow, i) => (
          <path key={i} class={look} d={arrowPath(arrow, aspect)} />
        ))}
      </>
    );
  }
  if (rule.bearing === null || rule.points.length === 0) return <></>;
  return (
    <>
      <path
        class={look}
        d={arrowPath(directionArrow(middleOf(rule.points), rule.bearing, aspect), aspect)}
      />
      {isChosen && props.onBearing && (
        <Handle
          rule={rule}
          bearing={rule.bearing}
          aspect={aspect}
          onBearing={props.onBearing}
        />
      )}
    </>
  );
}

function Handle(props: {
  rule: Rule;
  bearing: number;
  aspect: number;
  onBearing: (bearing: number, moving: boolean) => void;
}): JSX.Element {
  const { bearing, aspect, onBearing } = props;
  const dragged = useRef(false);
  const middle = middleOf(props.rule.points);
  const tip = directionArrow(middle, bearing, aspect)[1];
  const towards = (event: PointerEvent, moving: boolean): void => {
    const picture = (event.currentTarget as SVGElement).ownerSVGElement;
    if (!dragged.current || !picture) return;
    const turned = bearingOf(middle, shareOf(event, picture.getBoundingClientRect()), aspect);
    if (turned !== null) onBearing(turned, moving);
  };
  return (
    <ellipse
      class="rule-handle"
      cx={tip[0] * 1000}
      cy={tip[1] * 1000}
      rx={14}
      ry={14 * aspect}
      tabindex={0}
      role="slider"
      aria-label={words("bearingHandle")}
      aria-valuemin={0}
      aria-valuemax={359}
      aria-valuenow={bearing}
      data-testid="bearing-handle"
      onKeyDown={(event) => {
        const step = event.shiftKey ? LARGE_TURN : TURN;
        const turn = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step }[event.key];
        if (turn === undefined) return;
        event.preventDefault();
        event.stopPropagation(); // the picture's own cursor stays where it is
        onBearing((bearing + turn + 360) % 360, false);
      }}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = true;
      }}
      onPointerMove={(event) => {
        event.stopPropagation();
        towards(event, true);
      }}
      onPointerUp={(event) => {
        event.stopPropagation();
        towards(event, false);
        dragged.current = false;
      }}
      onPointerCancel={() => (dragged.current = false)}
    />
  );
}

export function FaultMark(props: { fault: ShapeFault; aspect: number }): JSX.Element | null {
  const { fault, aspect } = props;
  if (!fault.at) return null;
  const [x, y] = fault.at.map((share) => Math.min(1, Math.max(0, share)) * 1000) as [number, number];
  return (
    <g data-testid="rule-fault-mark">
      <ellipse class="rule-fault" cx={x} cy={y} rx={16} ry={16 * aspect} />
      <path class="rule-fault" d={`M${x} ${y - 10}v12M${x} ${y + 7}v2`} />
    </g>
  );
}
