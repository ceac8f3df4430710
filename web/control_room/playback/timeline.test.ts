import assert from "node:assert/strict";
import { test } from "node:test";
import {
  between,
  filmstrip,
  following,
  inView,
  moved,
  nextMark,
  shareOf,
  ticksOf,
  timeAt,
  WIDEST_MS,
  zoomed,
} from "./timeline.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 28, 12);
const HOUR_VIEW = { from: NOON, to: NOON + 60 * MINUTE };
const WEEK = { from: NOON - 3 * WIDEST_MS, to: NOON + 4 * WIDEST_MS };

test("a time has its place, and a place its time", () => {
  assert.equal(shareOf(NOON + 15 * MINUTE, HOUR_VIEW), 0.25);
  assert.equal(timeAt(0.25, HOUR_VIEW), NOON + 15 * MINUTE);
});

test("zooming leaves what is under the pointer where it is", () => {
  const around = NOON + 45 * MINUTE;
  const close = zoomed(HOUR_VIEW, 0.5, around, WEEK);

  assert.equal(close.to - close.from, 30 * MINUTE);
  assert.equal(shareOf(around, close), 0.75);
});

test("zooming ends at ten seconds and at a day", () => {
  const closest = zoomed(HOUR_VIEW, 1e-9, NOON, WEEK);
  const widest = zoomed(HOUR_VIEW, 1e9, NOON, WEEK);

  assert.equal(closest.to - closest.from, 10_000);
  assert.equal(widest.to - widest.from, WIDEST_MS);
});

test("nothing is shown beyond the limits, and the width is kept", () => {
  const limits = { from: NOON, to: NOON + 120 * MINUTE };

  assert.deepEqual(moved(HOUR_VIEW, 1e9, limits), { from: NOON + 60 * MINUTE, to: limits.to });
  assert.deepEqual(moved(HOUR_VIEW, -1e9, limits), HOUR_VIEW);
});

test("the view goes along when the time leaves it, and stands while it is inside", () => {
  assert.equal(following(HOUR_VIEW, NOON + 30 * MINUTE, WEEK), HOUR_VIEW);

  const on = following(HOUR_VIEW, NOON + 59 * MINUTE, WEEK);
  assert.equal(shareOf(NOON + 59 * MINUTE, on).toFixed(3), "0.100");
  const back = following(HOUR_VIEW, NOON - MINUTE, WEEK);
  assert.equal(shareOf(NOON - MINUTE, back).toFixed(3), "0.850");
});

test("the view stands at its limit instead of moving for ever", () => {
  const limits = { from: NOON, to: HOUR_VIEW.to };
  assert.equal(following(HOUR_VIEW, HOUR_VIEW.to, limits), HOUR_VIEW);
});

test("spans are cut to what is in view, and keep what else they say", () => {
  const spans = [
    { from: NOON - MINUTE, to: NOON + MINUTE, name: "a" },
    { from: NOON - 2 * MINUTE, to: NOON - MINUTE, name: "b" },
  ];

  assert.deepEqual(inView(spans, HOUR_VIEW), [{ from: NOON, to: NOON + MINUTE, name: "a" }]);
});

test("gaps are what lies between, before and after", () => {
  const spans = [
    { from: 10, to: 20 },
    { from: 15, to: 30 },
    { from: 40, to: 50 },
  ];

  assert.deepEqual(between(spans, 0, 60), [
    { from: 0, to: 10 },
    { from: 30, to: 40 },
    { from: 50, to: 60 },
  ]);
  assert.deepEqual(between([], 0, 60), [{ from: 0, to: 60 }]);
  assert.deepEqual(between([{ from: -5, to: 90 }], 0, 60), []);
});

test("times are written at whole steps, apart enough to be read", () => {
  for (const width of [320, 900, 1800]) {
    for (const minutes of [0.2, 1, 7, 60, 700, 1440]) {
      const view = { from: NOON + 1234, to: NOON + 1234 + minutes * MINUTE };
      const ticks = ticksOf(view, width);
      const apart = ticks.slice(1).map((at, i) => ((at - (ticks[i] ?? 0)) / (view.to - view.from)) * width);

      assert.ok(ticks.every((at) => at >= view.from && at <= view.to && at % 1000 === 0));
      assert.ok(apart.every((px) => px >= 87.9), `${width} px, ${minutes} min: ${apart}`);
      assert.ok(ticks.length >= 1 || width < 600, `${width} px, ${minutes} min`);
    }
  }
});

test("the next mark is beyond where one stands, either way", () => {
  const marks = [NOON, NOON + MINUTE];

  assert.equal(nextMark(marks, NOON, 1), NOON + MINUTE);
  assert.equal(nextMark(marks, NOON + MINUTE, -1), NOON);
  assert.equal(nextMark(marks, NOON, -1), null);
  assert.equal(nextMark([], NOON, 1), null);
});

test("a film strip keeps its pictures while the view moves a little", () => {
  const first = filmstrip(HOUR_VIEW, 8);
  const moving = filmstrip({ from: HOUR_VIEW.from + 20_000, to: HOUR_VIEW.to + 20_000 }, 8);
  const kept = first.filter((at) => moving.includes(at));

  assert.ok(first.length >= 4 && first.length <= 9, String(first.length));
  assert.ok(kept.length >= first.length - 1);
});
