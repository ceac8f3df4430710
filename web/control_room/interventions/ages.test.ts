import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assignment, Intervention } from "../../shared/types.ts";
import { sinceOf, urgencyOf } from "./ages.ts";

const T0 = "2026-11-21T21:00:00Z";
const T1 = "2026-11-21T21:05:00Z";

const assigned = (rest: Partial<Assignment>): Assignment => ({
  unit_id: "u",
  call_sign: "PM 12",
  state: "assigned",
  assigned_at: T1,
  en_route_at: null,
  on_scene_at: null,
  cleared_at: null,
  by_radio: false,
  ...rest,
});

const intervention = (rest: Partial<Intervention>): Intervention => ({
  id: "i",
  commune_id: "c",
  alert_id: null,
  kind: "fight",
  service: "police",
  point: null,
  place: "",
  state: "created",
  created_at: T0,
  closed_at: null,
  report: "",
  assignments: [],
  ...rest,
});

test("the age is that of the state, not of the intervention", () => {
  assert.equal(sinceOf(intervention({})), T0);
  assert.equal(sinceOf(intervention({ state: "assigned", assignments: [assigned({})] })), T1);
});

test("what its units have left waits to be closed since then", () => {
  const left = [assigned({ state: "closed", cleared_at: T1 })];

  assert.equal(sinceOf(intervention({ assignments: left })), T1);
});

test("nobody assigned turns amber after a minute and red after three", () => {
  const at = (seconds: number): number => Date.parse(T0) + seconds * 1000;

  assert.equal(urgencyOf(intervention({}), at(59)), "normal");
  assert.equal(urgencyOf(intervention({}), at(61)), "amber");
  assert.equal(urgencyOf(intervention({}), at(181)), "red");
});

test("what is closed is never urgent", () => {
  const closed = intervention({ state: "closed", closed_at: T1 });

  assert.equal(urgencyOf(closed, Date.parse(T1) + 1e9), "normal");
});
