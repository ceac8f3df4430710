import assert from "node:assert/strict";
import { test } from "node:test";
import { point } from "../../shared/geo.ts";
import { callOf } from "./calls.ts";
import { alert, guidance, intervention, onDuty, pressed } from "./samples.ts";
import { octant, targetOf, unreadOf, wayTo } from "./targets.ts";

const nothing: ReadonlySet<string> = new Set();

test("guidance waits until 'lu' is pressed, the oldest first", () => {
  const late = guidance({ id: "late", sent_at: "2026-11-21T21:12:00.000Z" });
  const duty = onDuty({ guidance: [late, guidance()] });
  const read = pressed({ do: "guidance-reading", guidance_id: "guidance-1" });

  assert.deepEqual(unreadOf(duty, []).map(({ id }) => id), ["guidance-1", "late"]);
  assert.deepEqual(unreadOf(duty, [read]).map(({ id }) => id), ["late"]);
  assert.equal(unreadOf(onDuty({ guidance: [guidance({ read_at: "then" })] }), []).length, 0);
});

test("the line leads to the call, and to the control room's point once it gives one", () => {
  const duty = onDuty({ alerts: [alert()], intervention: intervention() });
  const call = callOf(duty, [], nothing);

  assert.equal(targetOf(duty, call, nothing)?.from, "alert");
  const guided = { ...duty, guidance: onDuty({ guidance: [guidance()] }).guidance };
  assert.equal(targetOf(guided, call, nothing)?.from, "guidance");
  assert.equal(targetOf(guided, call, new Set(["guidance-1"]))?.from, "alert");
});

test("a point from before the call does not lead away from it", () => {
  const old = guidance({ sent_at: "2026-11-21T20:00:00.000Z" });
  const duty = onDuty({ guidance: [old], intervention: intervention() });

  assert.equal(targetOf(duty, callOf(duty, [], nothing), nothing)?.from, "alert");
});

test("without a call and a point there is no line", () => {
  assert.equal(targetOf(onDuty(), null, nothing), null);
  assert.equal(targetOf(onDuty({ guidance: [guidance({ point: null })] }), null, nothing), null);
});

test("the arrow turns against the phone", () => {
  const east = wayTo(point(2, 48), point(2.01, 48), 90);

  assert.ok(Math.abs(east.bearing_deg - 90) < 0.1);
  assert.ok(Math.abs(((east.arrow_deg ?? 0) + 180) % 360 - 180) < 0.1);
  assert.equal(wayTo(point(2, 48), point(2.01, 48), null).arrow_deg, null);
});

test("directions are the eight that people say", () => {
  assert.equal(octant(0), 0);
  assert.equal(octant(359), 0);
  assert.equal(octant(47), 1);
  assert.equal(octant(270), 6);
});
