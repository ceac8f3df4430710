import assert from "node:assert/strict";
import { test } from "node:test";
import { destination, point } from "../../shared/geo.ts";
import { arrowTo, byArrow } from "./compass.ts";

const HERE = point(24.9453, 60.1697);
const at = (bearing: number, metres = 100): { point: ReturnType<typeof point>; metres: number } => ({
  point: point(...destination(HERE, bearing, metres)),
  metres,
});

test("up is where the camera looks, whatever the map says", () => {
  for (const bearing_deg of [0, 90, 215, 350]) {
    const camera = { point: HERE, bearing_deg };

    assert.equal(arrowTo(camera, at(bearing_deg + 30)), "up");
    assert.equal(arrowTo(camera, at(bearing_deg + 80)), "right");
    assert.equal(arrowTo(camera, at(bearing_deg + 190)), "down");
    assert.equal(arrowTo(camera, at(bearing_deg - 85)), "left");
  }
});

test("of several in one direction the first, which is the nearest", () => {
  const found = byArrow({ point: HERE, bearing_deg: 90 }, [at(95, 80), at(85, 200), at(180, 300)]);

  assert.equal(found.up?.metres, 80);
  assert.equal(found.right?.metres, 300);
  assert.equal(found.left, undefined);
});
