/**
 * Arrows that say a direction in the picture, in shares of it, y downwards. Pure. Angles are those
 * that one sees: a share of the width is `aspect` times as long as the same share of the height.
 */

import type { PicturePoints, Rule } from "../../../shared/types.ts";

type At = readonly [number, number];
export type Arrow = readonly [from: At, to: At];

const LENGTH = 0.09;
const HEAD = 0.022;
const RAD = Math.PI / 180;

/** From the middle of what is drawn towards where one may move; `bearing` clockwise from upwards. */
export function directionArrow(middle: At, bearing: number, aspect: number): Arrow {
  const [x, y] = [Math.sin(bearing * RAD) * 2 * LENGTH, -Math.cos(bearing * RAD) * 2 * LENGTH];
  return [middle, [middle[0] + x / aspect, middle[1] + y]];
}

/** Whole degrees, 0 <= bearing < 360; null for no direction at all. */
export function bearingOf([x, y]: At, [toX, toY]: At, aspect: number): number | null {
  const [right, up] = [(toX - x) * aspect, y - toY];
  if (Math.hypot(right, up) < HEAD) return null;
  return Math.round(Math.atan2(right, up) / RAD + 360) % 360;
}

/** Across the line's longest piece, to the side to which crossing counts; both for "any". */
export function countedArrows(
  points: PicturePoints,
  counts: Rule["counts"],
  aspect: number,
): Arrow[] {
  const lengthOf = ([a, b]: Arrow): number => Math.hypot((b[0] - a[0]) * aspect, b[1] - a[1]);
  let longest: Arrow | null = null;
  for (const [i, b] of points.entries()) {
    const a = points[i - 1];
    if (a && (!longest || lengthOf([a, b]) > lengthOf(longest))) longest = [a, b];
  }
  if (!longest || lengthOf(longest) === 0) return [];
  const [a, b] = longest;
  const scale = LENGTH / lengthOf(longest);
  // Who walks from a to b has this on the right: the picture's y grows downwards.
  const right: At = [(-(b[1] - a[1]) * scale) / aspect, (b[0] - a[0]) * aspect * scale];
  const middle: At = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const sides = counts === "left" ? [-1] : counts === "right" ? [1] : [-1, 1];
  return sides.map((side): Arrow => [
    middle,
    [middle[0] + side * right[0], middle[1] + side * right[1]],
  ]);
}

/** An arrow as a path of a viewBox of 1000 by 1000. */
export function arrowPath([from, to]: Arrow, aspect: number): string {
  const angle = Math.atan2(to[1] - from[1], (to[0] - from[0]) * aspect);
  const barb = (turn: number): string =>
    at([to[0] - (HEAD * Math.cos(angle + turn)) / aspect, to[1] - HEAD * Math.sin(angle + turn)]);
  return `M${at(from)}L${at(to)}M${barb(0.5)}L${at(to)}L${barb(-0.5)}`;
}

function at([x, y]: At): string {
  return `${Math.round(x * 1000)} ${Math.round(y * 1000)}`;
}
