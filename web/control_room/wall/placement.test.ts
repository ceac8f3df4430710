import assert from "node:assert/strict";
import { test } from "node:test";
import {
  appear,
  bring,
  EMPTY_WALL,
  fill,
  fillSight,
  isolate,
  prune,
  put,
  restored,
  select,
  step,
  withLayout,
} from "./placement.ts";

const full = fill(EMPTY_WALL, ["a", "b", "c", "d", "e"]);
const ids = (wall: typeof full, count = 4): (string | undefined)[] =>
  wall.slots.slice(0, count).map((slot) => slot?.id);

test("free slots are filled with cameras in their order, once", () => {
  assert.deepEqual(ids(full, 5), ["a", "b", "c", "d", "e"]);
  assert.equal(fill(full, ["a", "b"]), full);
});

test("a picture never hangs twice", () => {
  assert.deepEqual(ids(put(full, 0, { kind: "camera", id: "d" })), ["d", "b", "c", undefined]);
});

test("bringing a camera that hangs in sight selects it, another takes the selected slot", () => {
  assert.equal(bring(full, { kind: "camera", id: "c" }).selected, 2);
  assert.deepEqual(ids(bring(full, { kind: "camera", id: "e" })), ["e", "b", "c", "d"]);
});

test("a patrol's stream takes a free slot first", () => {
  const wall = put(full, 1, null);

  assert.equal(appear(wall, "s", new Set()).slots[1]?.id, "s");
});

test("a patrol's stream spares the selected slot and cameras with an alert", () => {
  const wall = appear(select(full, 3), "s", new Set(["c"]));

  assert.deepEqual(ids(wall), ["a", "s", "c", "d"]);
});

test("a second stream does not push the first away while there is a camera to give way", () => {
  const wall = appear(appear(full, "s1", new Set()), "s2", new Set());

  assert.deepEqual(ids(wall), ["a", "b", "s2", "s1"]);
});

test("what has ended leaves its slot, and isolation with it", () => {
  const wall = isolate(select(full, 2));
  const pruned = prune(wall, ({ id }) => id !== "c");

  assert.equal(pruned.slots[2], null);
  assert.equal(pruned.isolated, null);
});

test("arrows move in the grid and stop at its edges", () => {
  assert.equal(step(full, "right").selected, 1);
  assert.equal(step(select(full, 1), "right").selected, 1);
  assert.equal(step(full, "down").selected, 2);
  assert.equal(step(full, "up").selected, 0);
});

test("the free tiles in sight are filled with cameras that hang nowhere in sight", () => {
  const some = put(put(full, 1, null), 9, { kind: "camera", id: "x" });
  const filled = fillSight(some, ["a", "x", "e"]);

  assert.deepEqual(ids(filled), ["a", "x", "c", "d"]);
  assert.equal(filled.slots[9], null);
  assert.equal(fillSight(full, ["e"]), full);
});

test("while one picture is alone, the camera that is brought takes its place", () => {
  const alone = isolate(full);

  assert.equal(bring(alone, { kind: "camera", id: "c" }).isolated, 2);
  assert.equal(bring(alone, { kind: "camera", id: "x" }).isolated, 0);
});

test("a smaller layout keeps what it does not show", () => {
  const one = withLayout(select(full, 3), 1);

  assert.equal(one.selected, 0);
  assert.deepEqual(ids(withLayout(one, 4)), ["a", "b", "c", "d"]);
});

test("what was kept is restored without streams, and nonsense is not", () => {
  const wall = put(full, 0, { kind: "stream", id: "s" });

  assert.deepEqual(ids(restored(JSON.parse(JSON.stringify(wall)))), [undefined, "b", "c", "d"]);
  assert.equal(restored({ layout: 5 }), EMPTY_WALL);
  assert.equal(restored(null), EMPTY_WALL);
});
