import assert from "node:assert/strict";
import { test } from "node:test";
import { point } from "../../shared/geo.ts";
import { isNight, sunHeightDeg } from "./sun.ts";

const PARIS = point(2.3522, 48.8566);

test("the sun stands where the almanac says", () => {
  // Paris, 21 June 2026: sunrise 03:47 UTC, noon at about 64.6 degrees, sunset 19:58 UTC.
  assert.ok(Math.abs(sunHeightDeg(Date.UTC(2026, 5, 21, 11, 52), PARIS) - 64.58) < 0.1);
  assert.ok(Math.abs(sunHeightDeg(Date.UTC(2026, 5, 21, 3, 47), PARIS) + 0.83) < 0.3);
  assert.ok(!isNight(Date.UTC(2026, 5, 21, 19, 50), PARIS));
  assert.ok(isNight(Date.UTC(2026, 5, 21, 20, 5), PARIS));
  assert.ok(isNight(Date.UTC(2026, 11, 21, 17, 0), PARIS));
});
