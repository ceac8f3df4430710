import assert from "node:assert/strict";
import { test } from "node:test";
import { point } from "../../shared/geo.ts";
import { callOf } from "./calls.ts";
import {
  inOrder,
  nextPress,
  redirected,
  requestOf,
  waitingOf,
  withoutSteps,
  withPress,
  type Press,
} from "./presses.ts";
import { alert, DEVICE, onDuty, pressed } from "./samples.ts";

const go = pressed({ do: "acknowledge", alert_id: "a", intervention_id: "mine" });
const enRoute = pressed({ do: "step", intervention_id: "mine", state: "en-route" });
const arrival = pressed({ do: "alert-arrival", alert_id: "a" }, { seq: 0 });
const alarm = pressed({ do: "alarm", alarm_id: "x", point: null, fixed_at: null });

test("presses go in the order they were made", () => {
  assert.equal(nextPress([enRoute, go], "rest", DEVICE), go);
});

test("what the agent did goes before what merely arrived", () => {
  assert.equal(nextPress([arrival, go], "rest", DEVICE), go);
  assert.equal(nextPress([arrival], "rest", DEVICE), arrival);
});

test("nothing is before an alarm, and an alarm is before nothing", () => {
  assert.equal(nextPress([go, alarm], "alarm", DEVICE), alarm);
  assert.equal(nextPress([alarm, go], "rest", DEVICE), go);
});

test("what was pressed on another device's behalf is not sent as this one's", () => {
  const theirs = pressed({ do: "end-shift" }, { device_id: "device-2" });

  assert.equal(nextPress([theirs], "rest", DEVICE), null);
  assert.equal(waitingOf([theirs], DEVICE).length, 0);
});

test("two taps of a glove are one wish", () => {
  const again: Press = { ...go, id: "again", seq: 99 };

  assert.deepEqual(withPress([go], again), [go]);
});

test("the same answer to another alert is another wish", () => {
  const other = pressed({ do: "acknowledge", alert_id: "b", intervention_id: "other" });

  assert.equal(withPress([go], other).length, 2);
});

test("arrivals are the phone's business and are not counted as waiting", () => {
  assert.deepEqual(waitingOf([arrival, go], DEVICE), [go]);
});

test("steps follow the intervention that the server kept", () => {
  const [, step] = redirected([go, enRoute], "mine", "theirs");

  assert.deepEqual(step?.act, { do: "step", intervention_id: "theirs", state: "en-route" });
});

test("steps of an intervention that never opened go away", () => {
  assert.deepEqual(withoutSteps([go, enRoute], "mine"), [go]);
});

test("an alarm carries its place with the time it was known, or no place at all", () => {
  const placed = requestOf({ do: "alarm", alarm_id: "x", point: point(1, 2), fixed_at: "t" });

  assert.deepEqual(placed.body, { id: "x", point: point(1, 2), fixed_at: "t" });
  assert.deepEqual(requestOf(alarm.act).body, { id: "x" });
});

test("every act has its request", () => {
  assert.deepEqual(requestOf({ do: "resume" }), { method: "DELETE", path: "/mobile/shift/break" });
  assert.deepEqual(requestOf({ do: "refuse", alert_id: "a", reason: "Trop loin" }), {
    method: "POST",
    path: "/mobile/alerts/a/refusal",
    body: { reason: "Trop loin" },
  });
  assert.equal(requestOf({ do: "stop-film", stream_id: "s" }).path, "/publications/s");
});

test("a page opened again shows the last press, whatever order the database gives", () => {
  const scene = pressed({ do: "step", intervention_id: "mine", state: "on-scene" });
  const duty = onDuty({ alerts: [alert({ id: "a" })] });

  const call = callOf(duty, inOrder([scene, enRoute, go]), new Set());

  assert.ok(call?.phase === "mine" && call.step === "on-scene");
});
