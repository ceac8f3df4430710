import assert from "node:assert/strict";
import { test } from "node:test";
import { now } from "../../shared/time.ts";
import { moverOf } from "./movers.ts";

test("who has not moved it until it was free is not shown any more", () => {
  const mover = { id: "1", name: "Chef", rank: 2, free_at: "2026-11-29T00:00:15Z" };
  now.value = Date.parse("2026-11-29T00:00:14Z");
  assert.equal(moverOf({ mover }), mover);
  now.value = Date.parse("2026-11-29T00:00:15Z");
  assert.equal(moverOf({ mover }), null);
  assert.equal(moverOf({ mover: null }), null);
});
