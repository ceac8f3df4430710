/** What is wrong with what is drawn, as the server judges it, and where. Pure. */

import type { PicturePoints } from "../../../shared/types.ts";

type At = readonly [number, number];

export type Wrong =
  | "too-few-points"
  | "too-many-points"
  | "outside-the-picture"
  | "same-point-twice"
  | "crosses-itself"
  | "too-small"
  | "too-close";

export interface ShapeFault {
  what: Wrong;
  /** Where to look; null when it is about the whole. */
  at: At | null;
}

const ZONE = { fewest: 3, most: 64 };
const LINE = { fewest: 2, most: 16 };
const SMALLEST_AREA = 0.001;
const SHORTEST = 0.02;
const ON_IT = 1e-9;

/** In the server's order (`domain/zones.py`, `domain/lines.py`): the first one that is so. */
export function faultOf(points: PicturePoints, isLine: boolean): ShapeFault | null {
  const { fewest, most } = isLine ? LINE : ZONE;
  if (points.length < fewest) return { what: "too-few-points", at: points.at(-1) ?? null };
  if (points.length > most) return { what: "too-many-points", at: points.at(-1) ?? null };
  const outside = points.find((point) => point.some((n) => !(n >= 0 && n <= 1)));
  if (outside) return { what: "outside-the-picture", at: outside };
  return isLine ? faultOfLine(points) : faultOfZone(points);
}

function faultOfLine(points: PicturePoints): ShapeFault | null {
  const close = points.find(([x, y], i) => {
    const before = points[i - 1];
    return before !== undefined && Math.hypot(x - before[0], y - before[1]) < SHORTEST;
  });
  return close ? { what: "too-close", at: close } : null;
}

function faultOfZone(points: PicturePoints): ShapeFault | null {
  const twice = points.find(([x, y], i) =>
    points.some(([a, b], j) => j < i && a === x && b === y),
  );
  if (twice) return { what: "same-point-twice", at: twice };
  const crossing = crossingOf(points);
  if (crossing) return { what: "crosses-itself", at: crossing };
  return areaOf(points) < SMALLEST_AREA ? { what: "too-small", at: middleOf(points) } : null;
}

export function middleOf(points: PicturePoints): At {
  const sum = points.reduce(([x, y], [a, b]): [number, number] => [x + a, y + b], [0, 0]);
  return [sum[0] / (points.length || 1), sum[1] / (points.length || 1)];
}

function areaOf(points: PicturePoints): number {
  const twice = sidesOf(points).reduce((sum, [a, b]) => sum + a[0] * b[1] - b[0] * a[1], 0);
  return Math.abs(twice) / 2;
}

function sidesOf(points: PicturePoints): [At, At][] {
  return points.map((a, i) => [a, points[(i + 1) % points.length] ?? a]);
}

function crossingOf(points: PicturePoints): At | null {
  const sides = sidesOf(points);
  const last = sides.length - 1;
  for (const [i, [a, b]] of sides.entries()) {
    for (const [j, [c, d]] of sides.entries()) {
      if (j <= i) continue;
      if (j === i + 1) {
        if (isOn(d, a, b)) return d;
        if (isOn(a, c, d)) return a;
      } else if (i === 0 && j === last) {
        if (isOn(c, a, b)) return c;
        if (isOn(b, c, d)) return b;
      } else {
        const met = meeting(a, b, c, d);
        if (met) return met;
      }
    }
  }
  return null;
}

function meeting(a: At, b: At, c: At, d: At): At | null {
  for (const [point, from, to] of [[c, a, b], [d, a, b], [a, c, d], [b, c, d]] as const) {
    if (isOn(point, from, to)) return point;
  }
  const [abc, abd] = [turn(a, b, c), turn(a, b, d)];
  if (abc > 0 === abd > 0 || turn(c, d, a) > 0 === turn(c, d, b) > 0) return null;
  const share = abc / (abc - abd);
  return [c[0] + share * (d[0] - c[0]), c[1] + share * (d[1] - c[1])];
}

function turn(a: At, b: At, c: At): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function isOn(point: At, a: At, b: At): boolean {
  if (Math.abs(turn(a, b, point)) > ON_IT) return false;
  return [0, 1].every((n) => {
    const [p, from, to] = [point[n] ?? 0, a[n] ?? 0, b[n] ?? 0];
    return p >= Math.min(from, to) - ON_IT && p <= Math.max(from, to) + ON_IT;
  });
}
