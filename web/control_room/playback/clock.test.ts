import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backward,
  correction,
  faster,
  forward,
  hold,
  put,
  slower,
  standing,
  timeOf,
  withRate,
} from "./clock.ts";

const NOON = Date.UTC(2026, 10, 28, 12);

test("the clock goes as fast as it is told, either way, and from where it is", () => {
  let clock = withRate(standing(NOON, 0), 4, 1_000);
  assert.equal(timeOf(clock, 2_000), NOON + 4_000);

  clock = withRate(clock, -2, 2_000);
  assert.equal(timeOf(clock, 3_000), NOON + 2_000);

  clock = withRate(clock, 0, 3_000);
  assert.equal(timeOf(clock, 60_000), NOON + 2_000);
});

test("held, it stands, and goes on from there without having lost its speed", () => {
  let clock = withRate(standing(NOON, 0), 2, 0);
  clock = hold(clock, true, 500);
  assert.equal(timeOf(clock, 9_000), NOON + 1_000);

  clock = hold(clock, false, 9_000);
  assert.equal(timeOf(clock, 9_500), NOON + 2_000);
});

test("a jump keeps the speed", () => {
  const clock = put(withRate(standing(NOON, 0), 8, 0), NOON + 60_000, 100);

  assert.equal(timeOf(clock, 200), NOON + 60_800);
});

test("L goes forward and doubles, J backward and doubles, up to sixteen", () => {
  assert.equal(forward(0), 1);
  assert.equal(forward(-4), 1);
  assert.equal(forward(16), 16);
  assert.equal(backward(0), -1);
  assert.equal(backward(2), -1);
  assert.equal(backward(-8), -16);
  assert.equal(backward(-16), -16);
});

test("speeds go from a quarter to sixteen and keep their way", () => {
  assert.equal(slower(0.25), 0.25);
  assert.equal(slower(1), 0.5);
  assert.equal(faster(-4), -8);
  assert.equal(faster(16), 16);
});

test("pictures that are in step are left alone; others are led back, or jump", () => {
  assert.deepEqual(correction(0.03, 1), { jump: false, rate: 1 });
  assert.deepEqual(correction(2, 1), { jump: true });
  assert.deepEqual(correction(-2, 1), { jump: true });
  const behind = correction(0.2, 1);
  const ahead = correction(-0.2, 1);
  assert.ok(!behind.jump && behind.rate > 1 && behind.rate <= 1.12);
  assert.ok(!ahead.jump && ahead.rate < 1 && ahead.rate >= 0.88);
});

test("led back, a picture comes into step within seconds, at every speed, and stays there", () => {
  for (const rate of [0.25, 0.5, 1, 2, 4, 8]) {
    let behind = 0.45;
    let rates = rate;
    for (let step = 0; step < 100; step += 1) {
      const next = correction(behind, rate);
      assert.ok(!next.jump);
      rates = next.rate;
      behind -= (rates - rate) * 0.1; // looked at ten times a second
    }
    assert.ok(Math.abs(behind) <= 0.06 * Math.max(1, rate) + 1e-9, `${rate}: ${behind}`);
    assert.equal(rates, rate);
  }
});

test("no picture is asked to play faster than a browser can", () => {
  const near = correction(5, 16);
  assert.ok(!near.jump && near.rate <= 16);
});
