import assert from "node:assert/strict";
import { test } from "node:test";
import { isStill, ofDrag, ofKeys, ofPress, ofStick, STILL } from "./hands.ts";

test("two keys move askew, opposite ones not at all, Shift is full speed", () => {
  assert.deepEqual(ofKeys(new Set(["ArrowRight", "ArrowUp"]), true), { pan: 1, tilt: 1, zoom: 0 });
  assert.ok(isStill(ofKeys(new Set(["ArrowRight", "ArrowLeft"]), true)));
  assert.ok(ofKeys(new Set(["PageUp"]), false).zoom < 1);
  assert.deepEqual(ofKeys(new Set(), false), STILL);
});

test("a drag to the right and up turns right and up, at most at full speed", () => {
  const { pan, tilt } = ofDrag(5000, -30, 360);
  assert.equal(pan, 1);
  assert.equal(tilt, 0.25);
});

test("a press in the middle turns nothing; one at the right border, half the field", () => {
  assert.ok(isStill({ ...ofPress(0.5, 0.5, 60), zoom: 0 }));
  assert.equal(ofPress(1, 0.5, 60).pan * 180, 30);
  assert.ok(ofPress(0.5, 0, 60).tilt > 0);
});

test("a stick at rest is still, its twist zooms, and what it says beyond is cut", () => {
  assert.ok(isStill(ofStick({ axes: [0.05, -0.07, 0.01] })));
  assert.deepEqual(ofStick({ axes: [1.2, -0.5, 0.5] }), { pan: 1, tilt: 0.5, zoom: 0.5 });
  assert.deepEqual(ofStick({ axes: [0, 0, 0, -1] }), { pan: 0, tilt: 0, zoom: 1 });
  assert.ok(isStill(ofStick({ axes: [Number.NaN] })));
});
