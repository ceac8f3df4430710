import assert from "node:assert/strict";
import { test } from "node:test";
import type { Press } from "../keyboard/keys.ts";
import { playCommandOf } from "./play_keys.ts";

const press = (key: string, rest: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  ...rest,
});

test("J, K and L are those of every cutting table", () => {
  assert.deepEqual(playCommandOf(press("j"), "stage"), { do: "backward" });
  assert.deepEqual(playCommandOf(press("K"), "control"), { do: "pause" });
  assert.deepEqual(playCommandOf(press("l"), "timeline"), { do: "forward" });
});

test("comma and full stop step by one picture, on a French keyboard too, and go on when held", () => {
  assert.deepEqual(playCommandOf(press(","), "stage"), { do: "step", by: -1 });
  assert.deepEqual(playCommandOf(press("."), "stage"), { do: "step", by: 1 });
  assert.deepEqual(playCommandOf(press(";"), "stage"), { do: "step", by: 1 });
  assert.deepEqual(playCommandOf(press(".", { repeat: true }), "stage"), { do: "step", by: 1 });
  assert.equal(playCommandOf(press("h", { repeat: true }), "stage"), null);
});

test("an arrow walks to the neighbour; on the timeline, or with Shift, it moves the time", () => {
  assert.deepEqual(playCommandOf(press("ArrowUp"), "stage"), { do: "neighbour", arrow: "up" });
  assert.deepEqual(playCommandOf(press("ArrowLeft"), "timeline"), { do: "jump", by_s: -10 });
  const shift = { shiftKey: true };
  assert.deepEqual(playCommandOf(press("ArrowRight", shift), "stage"), { do: "jump", by_s: 10 });
  assert.deepEqual(playCommandOf(press("ArrowUp", shift), "stage"), { do: "jump", by_s: 60 });
  assert.equal(playCommandOf(press("ArrowUp", { repeat: true }), "stage"), null);
});

test("R goes to the next mark, with Shift to the one before", () => {
  assert.deepEqual(playCommandOf(press("r"), "stage"), { do: "next-mark" });
  assert.deepEqual(playCommandOf(press("R", { shiftKey: true }), "stage"), { do: "previous-mark" });
});

test("a minute, the beginning and the end are on keys that are no letters", () => {
  assert.deepEqual(playCommandOf(press("PageUp"), "stage", false), { do: "jump", by_s: -60 });
  assert.deepEqual(playCommandOf(press("End"), "stage", false), { do: "last" });
  assert.equal(playCommandOf(press("j"), "stage", false), null);
});

test("in a field letters are text, and on a button the space bar is the button's", () => {
  assert.equal(playCommandOf(press("j"), "field"), null);
  assert.equal(playCommandOf(press("ArrowLeft"), "field"), null);
  assert.equal(playCommandOf(press(" "), "control"), null);
  assert.deepEqual(playCommandOf(press(" "), "stage"), { do: "play-or-pause" });
  assert.deepEqual(playCommandOf(press("Escape"), "field"), { do: "leave" });
});

test("what is not ours is left to the room and to the browser", () => {
  assert.equal(playCommandOf(press("m"), "stage"), null);
  assert.equal(playCommandOf(press("?"), "stage"), null);
  assert.equal(playCommandOf(press("l", { ctrlKey: true }), "stage"), null);
});
