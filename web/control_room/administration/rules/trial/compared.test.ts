import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fired, Moment } from "./api.ts";
import { compared, placed } from "./compared.ts";

const at = (minute: number, second = 0): string =>
  new Date(Date.UTC(2026, 10, 29, 21, minute, second)).toISOString();

const moment = (id: string, rule_id: string, from: string, to: string | null): Moment => ({
  id,
  rule_id,
  kind: "forbidden-zone",
  opened_at: from,
  closed_at: to,
  boxes: [],
});
const fired = (id: string, rule_id: string, from: string, to: string | null): Fired => ({
  id,
  rule_id,
  kind: "forbidden-zone",
  opened_at: from,
  closed_at: to,
  alert_state: "raised",
});
const QUAY = { id: "quay", name: "quai" };
const BRIDGE = { id: "bridge", name: "pont" };

test("what would have been is set beside what was, by rule and by time", () => {
  const { rows, both, more, fewer } = compared(
    {
      moments: [
        moment("same", "quay", at(1), at(2)),
        moment("new", "quay", at(10), at(11)),
        moment("other-rule", "bridge", at(1), at(2)),
      ],
      fired: [fired("f1", "quay", at(2, 4), at(3)), fired("f2", "gone", at(20), null)],
    },
    [QUAY, BRIDGE],
  );

  assert.deepEqual([[...both], more, fewer], [["same"], 2, 1]);
  assert.deepEqual(
    rows.map(({ ruleId, kind, moments, fired }) => [ruleId, kind, moments.length, fired.length]),
    [
      ["quay", null, 2, 1],
      ["bridge", null, 1, 0],
      ["gone", "forbidden-zone", 0, 1],
    ],
  );
});

test("an event that has not ended lasts to the end, and none leaves the hours", () => {
  const hours = { starts_at: at(0), ends_at: at(10) };

  assert.deepEqual(placed({ from: at(5), to: null }, hours), { left: 0.5, width: 0.5 });
  assert.deepEqual(placed({ from: at(-5), to: at(1) }, hours), { left: 0, width: 0.1 });
});
