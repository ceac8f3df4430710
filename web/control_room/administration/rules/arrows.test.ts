import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowPath, bearingOf, countedArrows, directionArrow } from "./arrows.ts";

const WIDE = 16 / 9;

test("a bearing is read from an arrow as it was drawn: clockwise from upwards", () => {
  const drawn = (x: number, y: number): number | null => bearingOf([0.5, 0.5], [x, y], WIDE);
  assert.equal(drawn(0.5, 0.2), 0);
  assert.equal(drawn(0.8, 0.5), 90);
  assert.equal(drawn(0.5, 0.8), 180);
  assert.equal(drawn(0.2, 0.5), 270);
  assert.equal(drawn(0.5, 0.5), null);
  // As wide as high to the eye: 9 parts of the width are 16 of the height.
  assert.equal(drawn(0.59, 0.34), 45);
  for (const bearing of [0, 37, 145, 251, 359]) {
    const [from, to] = directionArrow([0.5, 0.5], bearing, WIDE);
    assert.equal(bearingOf(from, to, WIDE), bearing);
  }
});

test("the counted side is that of a walker from the first point to the last", () => {
  const line: [number, number][] = [[0, 0.5], [1, 0.5]];
  const right = countedArrows(line, "right", WIDE)[0];
  assert.ok(right && right[1][1] > 0.5); // to the right one walks along the top: downwards
  const left = countedArrows(line, "left", WIDE)[0];
  assert.ok(left && left[1][1] < 0.5);
  const slope: [number, number][] = [[0.2, 0.2], [0.5, 0.6]];
  const [from, to] = countedArrows(slope, "right", WIDE)[0] ?? [[0, 0], [0, 0]];
  // At a right angle to the line, as one sees it.
  assert.ok(Math.abs((to[0] - from[0]) * WIDE * (0.3 * WIDE) + (to[1] - from[1]) * 0.4) < 1e-9);
  assert.equal(countedArrows(line, "any", WIDE).length, 2);
  assert.deepEqual(countedArrows([[0.5, 0.5]], "any", WIDE), []);
});

test("an arrow is drawn with its head at its end", () => {
  assert.match(arrowPath([[0.5, 0.5], [0.5, 0.2]], WIDE), /^M500 500L500 200M/);
});
