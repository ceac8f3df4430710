import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reference } from "../../../shared/types.ts";
import { areSamePoints, stateOf } from "./reference_states.ts";

const EARLY = "2026-12-01T08:00:00+00:00";
const LATER = "2026-12-01T09:00:00+00:00";

function reference(given: Partial<Reference>): Reference {
  return { light: "day", asked_at: EARLY, taken_at: null, is_wanted: false, ...given };
}

test("a reference is missing, waited for, late, taken, and replaced", () => {
  assert.equal(stateOf(undefined), "missing");
  assert.equal(stateOf(reference({ is_wanted: true })), "waiting");
  assert.equal(stateOf(reference({})), "late");
  assert.equal(stateOf(reference({ taken_at: LATER })), "taken");
  assert.equal(stateOf(reference({ asked_at: LATER, taken_at: EARLY, is_wanted: true })), "replacing");
  assert.equal(stateOf(reference({ asked_at: LATER, taken_at: EARLY })), "notReplaced");
});

test("a zone that was drawn anew is another one", () => {
  const zone: [number, number][] = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.3]];
  assert.ok(areSamePoints(zone, zone.map(([x, y]) => [x, y] as [number, number])));
  assert.ok(!areSamePoints(zone, zone.toSpliced(0, 1)));
  assert.ok(!areSamePoints(zone, zone.with(1, [0.2, 0.11])));
});
