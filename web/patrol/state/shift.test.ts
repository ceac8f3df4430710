import assert from "node:assert/strict";
import { test } from "node:test";
import { me, onDuty, pressed } from "./samples.ts";
import { mayLocate, shiftOf } from "./shift.ts";

test("position is looked for on shift only, and a press counts at once", () => {
  const duty = onDuty();
  const end = pressed({ do: "end-shift" });
  const pause = pressed({ do: "break" });
  const resume = pressed({ do: "resume" });

  assert.ok(mayLocate(shiftOf(duty, [])));
  assert.ok(!mayLocate(shiftOf(duty, [pause])));
  assert.ok(mayLocate(shiftOf(duty, [pause, resume])));
  assert.ok(!mayLocate(shiftOf(duty, [end])));
  assert.ok(!mayLocate(shiftOf(onDuty({ me: me({ shift: null }) }), [])));
});

test("a break that the server knows of stops the position", () => {
  const shift = { id: "s", unit_id: "unit-1", started_at: "a", break_since: "b" };

  assert.equal(shiftOf(onDuty({ me: me({ shift }) }), []).state, "break");
});
