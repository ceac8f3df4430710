import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, change } from "./steps.ts";
import { keepUnsaved, unsavedOf } from "./unsaved.ts";

test("what was drawn is there again, with its steps, until it is saved", () => {
  const steps = change(begin(["a"]), ["a", "b"]);
  keepUnsaved("rules 1", ["a"], steps);

  assert.deepEqual(unsavedOf("rules 1", ["a"]), steps);
  assert.equal(unsavedOf("rules 2", ["a"]), null);
  keepUnsaved("rules 1", ["a"], null);
  assert.equal(unsavedOf("rules 1", ["a"]), null);
});

test("what is as it was saved is not kept", () => {
  keepUnsaved("rules 1", ["a"], change(change(begin(["a"]), ["b"]), ["a"]));
  assert.equal(unsavedOf("rules 1", ["a"]), null);
});

test("what another has saved meanwhile is not written over with an older drawing", () => {
  keepUnsaved("rules 1", ["a"], change(begin(["a"]), ["b"]));
  assert.equal(unsavedOf("rules 1", ["a", "c"]), null);
});
