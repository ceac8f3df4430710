import assert from "node:assert/strict";
import { test } from "node:test";
import { headingOf } from "./compass.ts";

test("a compass is read as this browser gives it", () => {
  assert.equal(headingOf({ alpha: 90, absolute: true }, 0), 270);
  assert.equal(headingOf({ alpha: 90, absolute: true, webkitCompassHeading: 10 }, 0), 10);
  assert.equal(headingOf({ alpha: 0, absolute: true }, 90), 90);
});

test("a direction that is not from north is none", () => {
  assert.equal(headingOf({ alpha: 90, absolute: false }, 0), null);
  assert.equal(headingOf({ alpha: null, absolute: true }, 0), null);
});
