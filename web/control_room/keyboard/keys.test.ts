import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf, type Press } from "./keys.ts";

const press = (key: string, rest: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  ...rest,
});

test("two keys decide an alert: Enter goes on, Backspace dismisses", () => {
  assert.equal(commandOf(press("Enter"), "elsewhere"), "go-on");
  assert.equal(commandOf(press("Backspace"), "elsewhere"), "dismiss");
});

test("a key held down neither confirms nor sends", () => {
  assert.equal(commandOf(press("Enter", { repeat: true }), "elsewhere"), null);
  assert.equal(commandOf(press("ArrowDown", { repeat: true }), "elsewhere"), "queue-down");
});

test("letters are text in a field, where only Escape is ours", () => {
  assert.equal(commandOf(press("a"), "field"), null);
  assert.equal(commandOf(press("Escape"), "field"), "leave");
});

test("Enter on a button is the button's", () => {
  assert.equal(commandOf(press("Enter"), "control"), null);
  assert.equal(commandOf(press("f"), "control"), "isolate");
});

test("arrows belong to the map on the map, and to the grid on the wall", () => {
  assert.equal(commandOf(press("ArrowUp"), "map"), null);
  assert.equal(commandOf(press("ArrowUp"), "wall"), "tile-up");
  assert.equal(commandOf(press("ArrowUp"), "elsewhere"), "queue-up");
});

test("the browser's own combinations are left to it", () => {
  assert.equal(commandOf(press("f", { ctrlKey: true }), "elsewhere"), null);
});

test("single letters can be switched off, and the safe keys stay", () => {
  assert.equal(commandOf(press("a"), "elsewhere", false), null);
  assert.equal(commandOf(press("3"), "elsewhere", false), null);
  assert.equal(commandOf(press("Enter"), "elsewhere", false), "go-on");
});

test("plus and minus are the map's on the map, and change the wall elsewhere", () => {
  assert.equal(commandOf(press("+"), "map"), null);
  assert.equal(commandOf(press("+"), "wall"), "more-pictures");
  assert.equal(commandOf(press("-"), "elsewhere"), "fewer-pictures");
});

test("the wall's own keys work with single letters switched off", () => {
  assert.equal(commandOf(press("PageDown"), "wall", false), "turn-on");
  assert.equal(commandOf(press("Delete"), "wall", false), "empty");
  assert.equal(commandOf(press("c"), "wall", false), null);
});

test("T looks back on one picture, with Shift on the whole wall", () => {
  assert.equal(commandOf(press("t"), "wall"), "look-back");
  assert.equal(commandOf(press("T", { shiftKey: true }), "wall"), "look-back-all");
});

test("a digit is a digit: a reason, or the start of a camera's number", () => {
  assert.deepEqual(commandOf(press("4"), "elsewhere"), { digit: 4 });
});
