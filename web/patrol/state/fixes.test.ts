import assert from "node:assert/strict";
import { test } from "node:test";
import { point } from "../../shared/geo.ts";
import type { Position } from "../../shared/types.ts";
import { batchOf, BATCH, fixOf, isWorthKeeping, type Fix } from "./fixes.ts";

const fix = (seconds: number, lon: number): Position => ({
  point: point(lon, 48.86),
  accuracy_m: 8,
  heading_deg: null,
  speed_mps: null,
  fixed_at: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString(),
});

const fromReceiver = (heading: number | null, speed: number | null): Fix =>
  fixOf(
    {
      timestamp: 0,
      coords: { longitude: 2, latitude: 48, accuracy: 5, heading, speed },
    } as GeolocationPosition,
    "id",
  );

test("a fix is kept when the phone moved or the last one grows old, at most each two seconds", () => {
  assert.ok(isWorthKeeping(null, fix(0, 2.35)));
  assert.ok(!isWorthKeeping(fix(0, 2.35), fix(1, 2.36)));
  assert.ok(!isWorthKeeping(fix(0, 2.35), fix(4, 2.35)));
  assert.ok(isWorthKeeping(fix(0, 2.35), fix(4, 2.351)));
  assert.ok(isWorthKeeping(fix(0, 2.35), fix(11, 2.35)));
});

test("a standing receiver's heading is noise, and NaN is not a number to send", () => {
  assert.equal(fromReceiver(90, 0.1).heading_deg, null);
  assert.equal(fromReceiver(90, 2).heading_deg, 90);
  assert.equal(fromReceiver(360, 2).heading_deg, 0);
  assert.equal(fromReceiver(NaN, NaN).heading_deg, null);
  assert.equal(fromReceiver(NaN, NaN).speed_mps, null);
});

test("a batch holds no more than the server takes", () => {
  const many = Array.from({ length: BATCH + 1 }, () => fromReceiver(null, null));

  assert.equal(batchOf(many, "now").positions.length, BATCH);
});
