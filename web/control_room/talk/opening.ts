/** Which camera somebody is about to speak through; the dialog is loaded when there is one. */

import { signal } from "@preact/signals";
import { now } from "../../shared/time.ts";
import type { Camera, Id } from "../../shared/types.ts";
import { may, room, selection, stage } from "../state/store.ts";
import { wall } from "../state/wall_store.ts";

export const speakTo = signal<Id | null>(null);

/** Who speaks through it at this moment: who could not be on any more is not said to be. */
export function talkerOf({ talker }: Pick<Camera, "talker">): Camera["talker"] {
  return talker && Date.parse(talker.free_at) > now.value ? talker : null;
}

/** Whether this person may try: a camera that was never asked by ONVIF may have a loudspeaker. */
export function maySpeakThrough(camera: Camera): boolean {
  return (
    camera.lawful.ok &&
    camera.has_loudspeaker !== false &&
    camera.source === "rtsp" &&
    may("speak-through-cameras", camera.commune_id)
  );
}

/** Ask about the camera of the selected tile, or the one that is looked at. */
export function askToSpeak(onWall: boolean): boolean {
  if (stage.value === "playback") return false;
  const shown = wall.value.slots[wall.value.selected];
  const tile = stage.value === "wall" && shown?.kind === "camera" ? shown.id : null;
  const chosen = selection.value?.kind === "camera" ? selection.value.id : null;
  const id = onWall ? tile : (chosen ?? tile);
  const camera = id ? room.value.cameras.get(id) : undefined;
  if (!camera || !maySpeakThrough(camera)) return false;
  speakTo.value = camera.id;
  return true;
}
