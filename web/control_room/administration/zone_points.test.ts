import assert from "node:assert/strict";
import { test } from "node:test";
import { closest, moved, placed, shareOf } from "./zone_points.ts";

test("arrows move the cursor by a hundredth, with Shift by a twentieth, and stay in the picture", () => {
  assert.deepEqual(moved([0.5, 0.5], "ArrowRight", false), [0.51, 0.5]);
  assert.deepEqual(moved([0.5, 0.02], "ArrowUp", true), [0.5, 0]);
  assert.equal(moved([0.5, 0.5], "a", false), null);
});

test("a press near a corner takes hold of it, elsewhere it makes a new one", () => {
  assert.equal(closest([[0.1, 0.1], [0.5, 0.5]], [0.51, 0.5]), 1);
  assert.equal(closest([[0.1, 0.1]], [0.5, 0.5]), null);
  assert.equal(closest([], [0.5, 0.5]), null);
});

test("a press beside the picture is taken for its edge", () => {
  const box = { left: 100, top: 50, width: 200, height: 100 };
  assert.deepEqual(shareOf({ clientX: 150, clientY: 75 }, box), [0.25, 0.25]);
  assert.deepEqual(shareOf({ clientX: 20, clientY: 400 }, box), [0, 1]);
});

test("a press on a side puts a point into it, elsewhere after the last", () => {
  const square = [[0, 0], [1, 0], [1, 1], [0, 1]] as const;
  const zone = square.map(([x, y]): [number, number] => [x, y]);
  assert.equal(placed(zone, [0.5, 0.01], true).at, 1);
  assert.equal(placed(zone, [0.5, 0.5], true).at, 4);
  // The side that closes a zone is one; a line has none there.
  assert.equal(placed(zone, [0.01, 0.5], true).at, 4);
  assert.deepEqual(placed(zone.slice(0, 2), [0.5, 0], false).points, [[0, 0], [0.5, 0], [1, 0]]);
});
