/** Which camera somebody is about to speak through; the dialog is loaded when there is one. */

import { signal } from "@preact/signals";
import { now } from "../../shared/time.ts";
import type { Camera, Id } from "../../shared/types.ts";
import { notify } from "../notices/notices.ts";
import { may, room, selection, stage } from "../state/store.ts";
import { wall } from "../state/wall_store.ts";
import { words as roomWords } from "../words/index.ts";
import { whySilent, type Silent } from "./silent.ts";
import { text } from "./why_words.ts";

export const speakTo = signal<Id | null>(null);

/** Who speaks through it at this moment: who could not be on any more is not said to be. */
export function talkerOf({ talker }: Pick<Camera, "talker">): Camera["talker"] {
  return talker && Date.parse(talker.free_at) > now.value ? talker : null;
}

export const maySpeakThrough = (camera: Camera): boolean =>
  may("speak-through-cameras", camera.commune_id) && whySilent(camera) === null;

/** Ask about the camera of the selected tile, or the one that is looked at; or say why not. */
export function askToSpeak(onWall: boolean): boolean {
  if (stage.value === "playback") return false;
  const shown = wall.value.slots[wall.value.selected];
  const tile = stage.value === "wall" && shown?.kind === "camera" ? shown.id : null;
  const id = onWall ? tile : (lookedAt() ?? tile);
  const camera = id ? room.value.cameras.get(id) : undefined;
  const why = whyNot(camera);
  if (why === null) speakTo.value = id;
  else notify({ tone: "fault", text: text(why, { name: camera ? named(camera) : "" }) });
  return true;
}

const named = ({ number, name }: Camera): string => roomWords("camera.named", { number, name });

function whyNot(camera: Camera | undefined): Silent | "noRight" | "noCamera" | null {
  if (!may("speak-through-cameras", camera?.commune_id)) return "noRight";
  return camera ? whySilent(camera) : "noCamera";
}

/** The camera that the context is about, be it by its alert. */
function lookedAt(): Id | null {
  const chosen = selection.value;
  if (chosen?.kind === "camera") return chosen.id;
  return chosen?.kind === "alert" ? (room.value.alerts.get(chosen.id)?.camera_id ?? null) : null;
}
