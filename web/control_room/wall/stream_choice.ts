/** Which stream of a camera a tile asks for: the small one where it is enough. Pure. */

import type { Camera, Id } from "../../shared/types.ts";

/** In pixels of the screen: small streams have 360 lines or so. Between the two, what runs stays. */
const LARGE_FROM_PX = 440;
const SMALL_BELOW_PX = 400;
/** A small stream that does not come is not asked for again at once. */
export const SMALL_AWAY_MS = 60_000;

export function chooseStream(
  streams: Camera["streams"],
  height_px: number,
  current: Id | null,
): Id {
  const { main, sub } = streams;
  if (!sub) return main;
  if (height_px >= LARGE_FROM_PX) return main;
  if (height_px < SMALL_BELOW_PX) return sub;
  return current === main ? main : sub;
}
