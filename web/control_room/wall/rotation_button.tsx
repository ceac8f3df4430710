/** Whether cameras take turns, until when this one, and why not just now. */

import type { JSX } from "preact";
import { Pause, Play, RotateCw } from "lucide";
import { Icon } from "../../shared/ui/icon.tsx";
import { cameras } from "../state/store.ts";
import { changeWall, startNow, turn, wall } from "../state/wall_store.ts";
import { words } from "../words/index.ts";
import { isTurning, toggled } from "./rotation.ts";

/** Start or stop the turns; at first, of all cameras in view. */
export function toggleRotation(): void {
  const list = cameras.peek().map(({ id }) => id);
  changeWall((held) => toggled(held, list, startNow()));
}

export function RotationButton(): JSX.Element {
  const turns = isTurning(wall.value);
  const { paused, next_s } = turn.value;
  const state = !turns
    ? words("rotation.off")
    : paused
      ? words("rotation.paused")
      : next_s === null
        ? words("rotation.allShown")
        : words("rotation.next", { seconds: next_s });
  return (
    <button
      type="button"
      class={paused ? "button rotation is-warn" : "button rotation"}
      aria-pressed={turns}
      title={words(turns ? "rotation.stop" : "rotation.start")}
      data-testid="rotation"
      data-state={!turns ? "off" : paused ? "paused" : "on"}
      onClick={toggleRotation}
    >
      <Icon node={!turns ? Play : paused ? Pause : RotateCw} />
      <span class="unseen">{words(turns ? "rotation.stop" : "rotation.start")}.</span>
      <span class="rotation-state">{state}</span> <kbd>C</kbd>
    </button>
  );
}
