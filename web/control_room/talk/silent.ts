/** Why nobody can speak through a camera, whoever asks. Pure. */

import type { Camera } from "../../shared/types.ts";

export type Silent = "unlawful" | "noLoudspeaker" | "noBackChannel";

/** Null: it may be tried. One that was never asked by ONVIF may have a loudspeaker. */
export function whySilent(
  camera: Pick<Camera, "lawful" | "source" | "has_loudspeaker">,
): Silent | null {
  if (!camera.lawful.ok) return "unlawful";
  if (camera.source !== "rtsp") return "noBackChannel";
  return camera.has_loudspeaker === false ? "noLoudspeaker" : null;
}
