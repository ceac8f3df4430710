/** Who moves a camera at this moment: who has not for a while is not said to. */

import { now } from "../../shared/time.ts";
import type { Camera } from "../../shared/types.ts";

export function moverOf({ mover }: Pick<Camera, "mover">): Camera["mover"] {
  return mover && Date.parse(mover.free_at) > now.value ? mover : null;
}
