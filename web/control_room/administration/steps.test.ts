import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, change, redo, undo } from "./steps.ts";

const draft = (...corners: number[]): number[] => corners;

test("each change is undone and done again in its turn", () => {
  const drawn = change(change(begin(draft()), draft(1)), draft(2));
  assert.deepEqual(undo(drawn).now, draft(1));
  assert.deepEqual(undo(undo(drawn)).now, draft());
  assert.deepEqual(undo(undo(undo(drawn))).now, draft());
  assert.deepEqual(redo(undo(drawn)).now, draft(2));
  assert.deepEqual(redo(drawn).now, draft(2));
});

test("what is drawn after going back has nothing to do again", () => {
  const drawn = change(undo(change(begin(draft()), draft(1))), draft(3));
  assert.deepEqual(redo(drawn).now, draft(3));
  assert.deepEqual(undo(drawn).now, draft());
});

test("a drag is one step, however far it goes", () => {
  const moved = [1, 2, 3].reduce(
    (drafts, count) => change(drafts, draft(count), count < 3),
    begin(draft()),
  );
  assert.deepEqual(undo(moved).now, draft());
  assert.deepEqual(undo(change(moved, draft(4))).now, draft(3));
});
