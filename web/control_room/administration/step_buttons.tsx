/** The way back and forth of what is drawn, for fingers and mice. */

import type { JSX } from "preact";
import { Redo2, Undo2 } from "lucide";
import { Icon } from "../../shared/ui/icon.tsx";
import { redo, undo, type Steps } from "./steps.ts";
import { text } from "./words/index.ts";

export function BackAndForth<T>(props: {
  steps: Steps<T>;
  onSteps: (steps: Steps<T>) => void;
}): JSX.Element {
  const { steps, onSteps } = props;
  return (
    <>
      <button
        type="button"
        class="button"
        disabled={!steps.before.length}
        onClick={() => onSteps(undo(steps))}
      >
        <Icon node={Undo2} /> {text("steps.undo")}
      </button>
      <button
        type="button"
        class="button"
        disabled={!steps.after.length}
        onClick={() => onSteps(redo(steps))}
      >
        <Icon node={Redo2} /> {text("steps.redo")}
      </button>
    </>
  );
}
