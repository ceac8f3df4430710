/** Points of a zone, in shares of the picture. Pure. */

import type { PicturePoints } from "../../shared/types.ts";

const STEP = 0.01;
const LARGE_STEP = 0.05;
/** A press this near to a corner takes hold of it. */
const NEAR = 0.025;

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where the cursor is after an arrow key, in the picture; null for any other key. */
export function moved(
  [x, y]: readonly [number, number],
  key: string,
  large: boolean,
): [number, number] | null {
  const by = ARROWS[key];
  if (!by) return null;
  const step = large ? LARGE_STEP : STEP;
  const inside = (value: number): number =>
    Math.min(1, Math.max(0, Math.round(value * 1000) / 1000));
  return [inside(x + by[0] * step), inside(y + by[1] * step)];
}

/** The corner that a press takes hold of, or null when it makes a new one. */
export function closest(points: PicturePoints, [x, y]: readonly [number, number]): number | null {
  const distances = points.map(([a, b]) => Math.hypot(a - x, b - y));
  const least = Math.min(...distances);
  return least <= NEAR ? distances.indexOf(least) : null;
}

/** Where in a picture something is pressed, in shares of it, never outside. */
export function shareOf(
  at: { clientX: number; clientY: number },
  box: { left: number; top: number; width: number; height: number },
): [number, number] {
  const share = (value: number): number =>
    Math.min(1, Math.max(0, Math.round(value * 1000) / 1000));
  return [share((at.clientX - box.left) / box.width), share((at.clientY - box.top) / box.height)];
}

/**
 * `points` with a new one: in the middle of the side that the press is near to, else after the last.
 * Gives where it is, too: a drag goes on with it.
 */
export function placed(
  points: PicturePoints,
  here: readonly [number, number],
  isClosed: boolean,
): { points: PicturePoints; at: number } {
  const last = isClosed && points.length > 2 ? points.length : points.length - 1;
  for (let i = 0; i < last; i += 1) {
    const [a, b] = [points[i], points[(i + 1) % points.length]];
    if (a && b && distance(here, a, b) <= NEAR / 2) {
      return { points: points.toSpliced(i + 1, 0, [...here]), at: i + 1 };
    }
  }
  return { points: [...points, [...here]], at: points.length };
}

function distance(
  [x, y]: readonly [number, number],
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(ax + share * dx - x, ay + share * dy - y);
}
