import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY_WALL, pin, put, select, type Wall } from "./placement.ts";
import { isTurning, shifted, toggled, turnOf, type Alarm } from "./rotation.ts";

const LIST = ["a", "b", "c", "d", "e", "f", "g"];
const START = 1_000_000;
const turning: Wall = toggled({ ...EMPTY_WALL, layout: 4 }, LIST, START);

function shown(wall: Wall, seconds: number, alarms: Alarm[] = []): string {
  const { slots } = turnOf(wall, { at: START + seconds * 1000, alarms, exists: () => true });
  return slots.slice(0, wall.layout).map((slot) => slot?.id ?? "-").join("");
}

const alarm = (cameraId: string, seconds: number, waits = true): Alarm => ({
  cameraId,
  raisedAt: START + seconds * 1000,
  waits,
});

test("the cameras of the list take turns, a screenful at a time", () => {
  assert.equal(shown(turning, 0), "abcd");
  assert.equal(shown(turning, 9.9), "abcd");
  assert.equal(shown(turning, 10), "efga");
  assert.equal(shown(turning, 20), "bcde");
});

test("a list that fits does not turn, and no camera hangs twice", () => {
  const small = toggled({ ...EMPTY_WALL, layout: 9 }, LIST, START);

  assert.equal(shown(small, 50), "abcdefg--");
  assert.equal(turnOf(small, { at: START, alarms: [], exists: () => true }).next_s, null);
});

test("a pinned picture and a patrol's stay, the others turn beside them", () => {
  const pinned = pin(select(put(turning, 1, { kind: "camera", id: "f" }), 1));
  const both = put(pinned, 2, { kind: "stream", id: "S" });

  assert.equal(shown(both, 0), "afSb");
  assert.equal(shown(both, 10), "cfSd");
});

test("an alert pauses the turns at what hung when it came", () => {
  const alarms = [alarm("b", 5)];

  assert.equal(shown(turning, 6, alarms), "abcd");
  assert.equal(shown(turning, 45, alarms), "abcd");
  assert.equal(turnOf(turning, { at: START + 6_000, alarms, exists: () => true }).paused, true);
});

test("an alert on a camera that waits for its turn brings it in", () => {
  assert.equal(shown(turning, 6, [alarm("f", 5)]), "abcf");
  assert.equal(shown(turning, 6, [alarm("f", 5), alarm("g", 5.5)]), "abgf");
});

test("a new alert leaves the tile of one that was decided where it is", () => {
  const decided = alarm("a", 5, false);

  assert.equal(shown(turning, 10, [decided]), "aefg");
  assert.equal(shown(turning, 16, [decided, alarm("a", 15)]), "aefg");
  assert.equal(shown(turning, 16, [decided, alarm("d", 15)]), "aefd");
});

test("an alert on a camera that is not on this wall pauses nothing", () => {
  assert.equal(shown(turning, 10, [alarm("z", 5)]), "efga");
});

test("once decided, the alert's tile stays where it was and the others turn again", () => {
  const alarms = [alarm("b", 5, false)];

  assert.equal(shown(turning, 10, alarms), "ebfg");
  assert.equal(shown(turning, 20, alarms)[1], "b");
  assert.notEqual(shown(turning, 20, alarms), shown(turning, 10, alarms));
});

test("when the alert is closed, all windows are at the same turn again", () => {
  assert.equal(shown(turning, 20, []), "bcde");
});

test("stopping and going on: the keys of the rotation", () => {
  assert.equal(isTurning(toggled(turning, LIST, START)), false);
  assert.equal(shown(shifted(turning, 1), 0), "efga");
  assert.equal(shown(shifted(shifted(turning, 1), -1), 0), "abcd");
  assert.equal(shifted(EMPTY_WALL, 1), EMPTY_WALL);
});

test("a camera that is gone loses its turn", () => {
  const { slots } = turnOf(turning, { at: START, alarms: [], exists: (id) => id !== "a" });

  assert.equal(slots[0]?.id, "b");
});

test("the instant of the next turn is told, so that its pictures can be asked for before", () => {
  const look = { at: START + 7_200, alarms: [], exists: () => true };

  assert.equal(turnOf(turning, look).next_at, START + 10_000);
  assert.equal(turnOf(turning, { ...look, alarms: [alarm("b", 5)] }).next_at, null);
});
