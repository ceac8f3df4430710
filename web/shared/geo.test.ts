import assert from "node:assert/strict";
import { test } from "node:test";
import { bearingDeg, destination, distanceM, point, sayDistance, viewCone } from "./geo.ts";

const here = point(24.94, 60.17);

test("a destination is as far away, and in the direction, that was asked", () => {
  const there = point(...destination(here, 135, 500));

  assert.ok(Math.abs(distanceM(here, there) - 500) < 0.5);
  assert.ok(Math.abs(bearingDeg(here, there) - 135) < 0.1);
});

test("a view cone is a closed ring that starts at the camera", () => {
  const ring = viewCone(here, 0, 60, 40);

  assert.deepEqual(ring[0], here.coordinates);
  assert.deepEqual(ring.at(-1), ring[0]);
});

test("a camera that looks all round has a disc, which does not cross its own place", () => {
  const ring = viewCone(here, 0, 360, 40);

  assert.deepEqual(ring.at(-1), ring[0]);
  assert.ok(ring.every((at) => Math.abs(distanceM(here, point(...at)) - 40) < 0.1));
});

test("a distance is said as finely as it can be trusted", () => {
  assert.equal(sayDistance(83, "fr"), "85 m");
  assert.equal(sayDistance(347, "fr"), "350 m");
  assert.equal(sayDistance(1234, "fr"), "1,2 km");
  assert.equal(sayDistance(1234, "en"), "1.2 km");
});
