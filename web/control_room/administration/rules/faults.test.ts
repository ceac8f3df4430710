import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOf } from "./faults.ts";

test("a zone and a line that are well drawn have no fault", () => {
  assert.equal(faultOf([[0, 0], [1, 0], [1, 1]], false), null);
  assert.equal(faultOf([[0.1, 0.5], [0.9, 0.5]], true), null);
});

test("a zone that crosses itself says where", () => {
  const fault = faultOf([[0, 0], [1, 1], [1, 0], [0, 1]], false);
  assert.deepEqual(fault, { what: "crosses-itself", at: [0.5, 0.5] });
});

test("a side that folds back on its neighbour crosses it", () => {
  const fault = faultOf([[0, 0], [1, 0], [0.5, 0], [0.5, 0.5]], false);
  assert.equal(fault?.what, "crosses-itself");
});

test("each fault is shown at its point", () => {
  const close = faultOf([[0.1, 0.1], [0.5, 0.5], [0.51, 0.5]], true);
  assert.deepEqual(close, { what: "too-close", at: [0.51, 0.5] });
  const outside = faultOf([[0, 0], [1.2, 0], [1, 1]], false);
  assert.deepEqual(outside, { what: "outside-the-picture", at: [1.2, 0] });
  const twice = faultOf([[0, 0], [1, 0], [1, 1], [1, 0]], false);
  assert.deepEqual(twice, { what: "same-point-twice", at: [1, 0] });
  assert.deepEqual(faultOf([[0.2, 0.2]], false), { what: "too-few-points", at: [0.2, 0.2] });
  assert.deepEqual(faultOf([], true), { what: "too-few-points", at: null });
  assert.equal(faultOf([[0, 0], [0.01, 0], [0.01, 0.01]], false)?.what, "too-small");
});
