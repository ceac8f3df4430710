import assert from "node:assert/strict";
import { test } from "node:test";
import { callOf, ringingOf } from "./calls.ts";
import { alert, intervention, me, onDuty, pressed } from "./samples.ts";

const nothing: ReadonlySet<string> = new Set();
const taken = alert({
  state: "acknowledged",
  acknowledged_by: { unit_id: "unit-2", call_sign: "PM 20" },
});

test("an alert that was sent rings", () => {
  const call = callOf(onDuty({ alerts: [alert()] }), [], nothing);

  assert.equal(call?.phase, "ringing");
});

test("it stops ringing with the press, before the server knows", () => {
  const go = pressed({ do: "acknowledge", alert_id: "alert-1", intervention_id: "made-here" });

  const call = callOf(onDuty({ alerts: [alert()] }), [go], nothing);

  assert.equal(call?.phase, "mine");
  assert.ok(call.phase === "mine" && call.waiting);
  assert.equal(call.phase === "mine" && call.intervention_id, "made-here");
});

test("it does not ring after 'pas possible', nor off shift", () => {
  const no = pressed({ do: "refuse", alert_id: "alert-1", reason: "Trop loin" });

  assert.equal(callOf(onDuty({ alerts: [alert()] }), [no], nothing), null);
  assert.equal(callOf(onDuty({ alerts: [alert({ declined: true })] }), [], nothing), null);
  assert.equal(callOf(onDuty({ alerts: [alert()], me: me({ shift: null }) }), [], nothing), null);
});

test("panic rings before all, then the newest", () => {
  const older = alert({ id: "older", sent_at: "2026-11-21T21:01:00.000Z" });
  const panic = alert({ id: "panic", kind: "panic", sent_at: "2026-11-21T21:00:00.000Z" });

  const order = ringingOf(onDuty({ alerts: [older, panic, alert()] }), []).map(({ id }) => id);

  assert.deepEqual(order, ["panic", "alert-1", "older"]);
});

test("a new alert is shown over the call that runs", () => {
  const duty = onDuty({ alerts: [alert({ id: "new" })], intervention: intervention() });

  assert.equal(callOf(duty, [], nothing)?.phase, "ringing");
});

test("the second unit is told who was first, until it has read it", () => {
  const duty = onDuty({ alerts: [taken] });

  const call = callOf(duty, [], nothing);

  assert.equal(call?.phase === "taken" && call.call_sign, "PM 20");
  assert.equal(callOf(duty, [], new Set(["alert-1"])), null);
});

test("an alert that this unit took is not another one's", () => {
  const mine = { ...taken, mine: true };

  assert.equal(callOf(onDuty({ alerts: [mine] }), [], nothing), null);
});

test("the furthest press counts as the step while it waits", () => {
  const duty = onDuty({ intervention: intervention({ mine: "en-route" }) });
  const scene = pressed({ do: "step", intervention_id: "intervention-1", state: "on-scene" });

  const call = callOf(duty, [scene], nothing);

  assert.ok(call?.phase === "mine" && call.step === "on-scene" && call.waiting);
});

test("'terminé' clears the sheet at once", () => {
  const duty = onDuty({ intervention: intervention({ mine: "on-scene" }) });
  const done = pressed({ do: "step", intervention_id: "intervention-1", state: "closed" });

  assert.equal(callOf(duty, [done], nothing), null);
});

test("a dispatcher's call without an alert is this unit's all the same", () => {
  const call = callOf(onDuty({ intervention: intervention({ alert_id: null }) }), [], nothing);

  assert.ok(call?.phase === "mine" && call.alert === null && call.step === "assigned");
});
