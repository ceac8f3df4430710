/** What the keys of the wall do. Each says so, for who does not see the wall. */

import { polite } from "../notices/notices.ts";
import { may, room, selection, stage } from "../state/store.ts";
import { changeWall, turn, wall } from "../state/wall_store.ts";
import { wallDialog } from "../wall/driving.tsx";
import { hang } from "../wall/dragging.ts";
import { fillFreeTiles } from "../wall/filling.ts";
import { pin, put, resized } from "../wall/placement.ts";
import { isTurning, shifted } from "../wall/rotation.ts";
import { toggleRotation } from "../wall/rotation_button.tsx";
import { steered } from "../ptz/steering.ts";
import { statisticsShown } from "../wall/wall.tsx";
import { words } from "../words/index.ts";
import type { Command } from "./keys.ts";

/** Do it; false when the wall is not on the stage. */
export function obeyOnWall(command: Command): boolean {
  if (stage.value !== "wall" || !may("view-cameras")) return false;
  switch (command) {
    case "rotation":
      toggleRotation();
      polite.value = words(isTurning(wall.value) ? "rotation.started" : "rotation.stopped");
      return true;
    case "turn-on":
    case "turn-back":
      if (turn.value.next_s === null) return false;
      changeWall((held) => shifted(held, command === "turn-on" ? 1 : -1));
      return true;
    case "pin":
      if (!isTurning(wall.value)) return false;
      changeWall(pin);
      polite.value = words(
        wall.value.pinned.includes(wall.value.selected) ? "tile.pinned" : "tile.unpinned",
      );
      return true;
    case "empty":
      if (!wall.value.slots[wall.value.selected]) return false;
      changeWall((held) => put(held, held.selected, null));
      return true;
    case "fill":
      polite.value = fillFreeTiles();
      return true;
    case "more-pictures":
    case "fewer-pictures":
      changeWall((held) => resized(held, command === "more-pictures" ? 1 : -1));
      polite.value = words("wall.pictures", { count: wall.value.layout });
      return true;
    case "statistics":
      statisticsShown.value = !statisticsShown.value;
      return true;
    case "steer":
      return startSteering();
    case "wall-settings":
      wallDialog.value = true;
      return true;
    default:
      return false;
  }
}

/** Move the camera of the selected tile, or let go of it. */
function startSteering(): boolean {
  const shown = wall.value.slots[wall.value.selected];
  const camera = shown?.kind === "camera" ? room.value.cameras.get(shown.id) : undefined;
  if (!camera?.moves || !camera.lawful.ok || !may("move-cameras", camera.commune_id)) return false;
  steered.value = steered.value === camera.id ? null : camera.id;
  return true;
}

/** On the map: the selected camera goes to the selected tile of the wall. */
export function hangSelected(): boolean {
  const chosen = selection.value;
  if (chosen?.kind !== "camera" && chosen?.kind !== "stream") return false;
  hangOnWall({ kind: chosen.kind, id: chosen.id });
  return true;
}

export function hangOnWall(shown: Parameters<typeof hang>[0]): void {
  const { selected } = wall.value;
  hang(shown, selected);
  const camera = room.value.cameras.get(shown.id);
  const stream = room.value.streams.get(shown.id);
  const name = camera ? `${camera.number} ${camera.name}` : (stream?.call_sign ?? "");
  polite.value = words("tile.hung", { name, tile: selected + 1 });
}
