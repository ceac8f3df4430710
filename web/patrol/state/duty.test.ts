import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceSnapshot } from "../../shared/types.ts";
import { answered, EMPTY_DUTY, reduce } from "./duty.ts";
import { alert, guidance, intervention, me, onDuty, stream } from "./samples.ts";

const snapshot: DeviceSnapshot = {
  type: "snapshot",
  seq: 4,
  now: "2026-11-21T21:20:00.000Z",
  me: me(),
  alerts: [alert()],
  intervention: null,
  guidance: [guidance()],
};

test("a snapshot replaces what was known, so that nothing old survives a gap", () => {
  const before = onDuty({ alerts: [alert({ id: "gone" })], intervention: intervention() });

  const after = reduce(before, snapshot);

  assert.deepEqual([...after.alerts.keys()], ["alert-1"]);
  assert.equal(after.intervention, null);
  assert.equal(after.known, true);
});

test("hearing the same fact twice changes nothing", () => {
  const fact = { type: "fact", seq: 5, at: "", commune_id: null, kind: "alert-sent" } as const;
  const once = reduce(EMPTY_DUTY, { ...fact, alert: alert() });

  assert.deepEqual(reduce(once, { ...fact, alert: alert() }), once);
});

test("an alert that is over leaves the phone", () => {
  const after = answered(onDuty({ alerts: [alert()] }), { alert: alert({ state: "resolved" }) });

  assert.equal(after.alerts.size, 0);
});

test("an intervention that is over for this unit leaves the phone, another one's end does not", () => {
  const duty = onDuty({ intervention: intervention({ mine: "on-scene" }) });

  assert.equal(answered(duty, { intervention: intervention({ mine: "closed" }) }).intervention, null);
  const other = intervention({ id: "other", mine: "closed" });
  assert.equal(answered(duty, { intervention: other }).intervention?.id, "intervention-1");
});

test("the stream of another phone of the unit is not this one's", () => {
  const after = answered(onDuty(), { stream: stream({ device_id: "device-2" }) });

  assert.equal(after.stream, null);
});

test("the last words of an older stream do not replace the one that runs", () => {
  const running = stream({ id: "new", started_at: "2026-11-21T21:30:00.000Z" });
  const duty = onDuty({ stream: running });

  const after = answered(duty, { stream: stream({ ended_at: "2026-11-21T21:31:00.000Z" }) });

  assert.equal(after.stream?.id, "new");
});

test("off shift, alerts and messages are no longer shown", () => {
  const duty = onDuty({ alerts: [alert()], guidance: [guidance()] });

  const after = answered(duty, { me: me({ shift: null }) });

  assert.equal(after.alerts.size + after.guidance.size, 0);
});

test("what a newer server says beyond this page is passed over", () => {
  const strange = { type: "weather" } as unknown as DeviceSnapshot;

  assert.equal(reduce(onDuty(), strange).known, true);
});
