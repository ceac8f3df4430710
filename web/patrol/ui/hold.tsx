/** A button that acts after one second of holding: wet gloves and pockets press by mistake. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { vibrate } from "../device/sound.ts";
import { words } from "../words/index.ts";

export const HOLD_MS = 1_000;
const TICK_MS = 250;

interface Props {
  class: string;
  /** Where the face says less than a screen reader needs. */
  label?: string;
  testId: string;
  onHeld: () => void;
  children: ComponentChildren;
}

export function HoldButton(props: Props): JSX.Element {
  const [holding, setHolding] = useState(false);
  const timers = useRef<number[]>([]);
  const onHeld = useRef(props.onHeld);
  onHeld.current = props.onHeld;

  const release = (): void => {
    for (const timer of timers.current) clearTimeout(timer);
    timers.current = [];
    setHolding(false);
  };
  const hold = (): void => {
    if (timers.current.length > 0) return;
    setHolding(true);
    vibrate([30]);
    const ticks = [1, 2, 3].map((n) => window.setTimeout(() => vibrate([30 * n]), n * TICK_MS));
    const done = window.setTimeout(() => {
      release();
      onHeld.current();
    }, HOLD_MS);
    timers.current = [...ticks, done];
  };
  useEffect(() => release, []);

  const isKey = (event: KeyboardEvent): boolean => event.key === " " || event.key === "Enter";
  return (
    <button
      type="button"
      class={`hold ${props.class}`}
      data-testid={props.testId}
      data-holding={holding}
      aria-label={props.label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        hold();
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        hold();
      }}
      onKeyUp={(event) => isKey(event) && release()}
      onBlur={release}
    >
      <span class="hold-fill" aria-hidden="true" />
      <span class="hold-face">{props.children}</span>
      <span class="unseen" aria-live="polite">
        {holding ? words("hold.keep") : ""}
      </span>
    </button>
  );
}
