/** Which neighbour an arrow means: up is where the camera looks. Pure. */

import { bearingDeg } from "../../shared/geo.ts";
import type { Point } from "../../shared/types.ts";

export type Arrow = "up" | "right" | "down" | "left";
export const ARROWS: readonly Arrow[] = ["up", "right", "down", "left"];

interface Placed {
  point: Point;
}

/** The arrow that leads from a camera, as it looks, to `there`. */
export function arrowTo(camera: Placed & { bearing_deg: number }, there: Placed): Arrow {
  const turn = bearingDeg(camera.point, there.point) - camera.bearing_deg;
  const quarter = Math.round((((turn % 360) + 360) % 360) / 90) % 4;
  return ARROWS[quarter] as Arrow;
}

/** Of `neighbours`, nearest first, the first that lies in each direction. */
export function byArrow<N extends Placed>(
  camera: Placed & { bearing_deg: number },
  neighbours: readonly N[],
): Partial<Record<Arrow, N>> {
  const found: Partial<Record<Arrow, N>> = {};
  for (const one of neighbours) found[arrowTo(camera, one)] ??= one;
  return found;
}
