/** Who loses a camera to another is told so. */

import { effect } from "@preact/signals";
import type { Id } from "../../shared/types.ts";
import { notify } from "../notices/notices.ts";
import { me, room } from "../state/store.ts";
import { steered } from "./steering.ts";
import { words } from "./words.ts";

export function followMovers(): () => void {
  let mine: Id | null = null;
  return effect(() => {
    const id = steered.value;
    const camera = id ? room.value.cameras.get(id) : undefined;
    const own = me.value?.person.id;
    const mover = camera?.mover ?? null;
    if (camera && mover && own && mine === camera.id && mover.id !== own) {
      notify({
        tone: "fault",
        text: words("lost", { name: mover.name, camera: camera.name }),
      });
    }
    mine = camera && mover?.id === own ? camera.id : null;
  });
}
