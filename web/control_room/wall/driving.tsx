/** Whose wall stands on the stage: this desk's own, or a shared one, and who drove it last. */

import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { Settings2, SquareArrowOutUpRight } from "lucide";
import { When } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import { driven, sharedWall } from "../state/wall_store.ts";
import { only, room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { openStage } from "../bar/regions.tsx";

/** Whether the dialog of the wall is open. */
export const wallDialog = signal(false);

export function Driving(): JSX.Element {
  const shared = sharedWall.value;
  const walls = [...room.value.walls.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  return (
    <div class="group">
      {walls.length > 0 && (
        <select
          class="input wall-choice"
          aria-label={words("wall.which")}
          data-testid="wall-choice"
          value={driven.value ?? ""}
          onChange={(event) => (driven.value = event.currentTarget.value || null)}
        >
          <option value="">{words("wall.own")}</option>
          {walls.map(({ id, name }) => (
            <option key={id} value={id}>
              {words("wall.shared", { name })}
            </option>
          ))}
        </select>
      )}
      {shared && <Driver />}
      <button
        type="button"
        class="button"
        title={words("wall.dialog")}
        data-testid="wall-dialog"
        onClick={() => (wallDialog.value = true)}
      >
        <Icon node={Settings2} /> {words("wall.setUp")} <kbd>W</kbd>
      </button>
      {only.value === null && (
        <button
          type="button"
          class="button icon"
          aria-label={words("wall.window")}
          title={words("wall.window")}
          onClick={() => openStage("stage/wall")}
        >
          <Icon node={SquareArrowOutUpRight} />
        </button>
      )}
    </div>
  );
}

/** Who said last what the shared wall shows, and when. */
export function Driver(): JSX.Element | null {
  const shared = sharedWall.value;
  if (!shared) return null;
  return (
    <span class="small quiet wall-driver" data-testid="driver">
      {words("wall.drivenBy", { name: shared.driven_by.name })} <When at={shared.driven_at} />
    </span>
  );
}
