import assert from "node:assert/strict";
import { test } from "node:test";
import { waiting, WAITS_FOR_MS, type Follower } from "./waiting.ts";

const loading = (loading_ms: number | null, isLate = false): Follower => ({ loading_ms, isLate });
const THERE = loading(null);

test("the clock stands while a picture loads, and not for a moment of it", () => {
  assert.equal(waiting([THERE, loading(100)], false).stands, false);
  assert.equal(waiting([THERE, loading(400)], false).stands, true);
  assert.equal(waiting([THERE, THERE], true).stands, false);
});

test("standing, it goes on when the picture is there, not before", () => {
  assert.equal(waiting([loading(100)], true).stands, true);
});

test("the others go on without one that takes too long, and do not wait for it again", () => {
  assert.deepEqual(waiting([THERE, loading(WAITS_FOR_MS + 1)], true), { stands: false, late: [1] });
  assert.deepEqual(waiting([THERE, loading(9_000, true)], false), { stands: false, late: [] });
});

test("of a single picture one waits for ever", () => {
  assert.deepEqual(waiting([loading(60_000)], true), { stands: true, late: [] });
});
