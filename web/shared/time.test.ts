import assert from "node:assert/strict";
import { test } from "node:test";
import { ageSeconds, freshness, sayAge, sayOffset, sayWhen } from "./time.ts";

test("an age is said in the fewest words", () => {
  assert.equal(sayAge(4, "fr"), "4 s");
  assert.equal(sayAge(125, "fr"), "2 min 05");
  assert.equal(sayAge(1500, "fr"), "25 min");
  assert.equal(sayAge(4320, "fr"), "1 h 12");
  assert.equal(sayAge(3 * 86_400, "fr"), "3 j");
  assert.equal(sayAge(3 * 86_400, "en"), "3 d");
});

test("an age is never negative when a clock is ahead", () => {
  assert.equal(ageSeconds("2026-11-21T21:00:05Z", Date.parse("2026-11-21T21:00:00Z")), 0);
});

test("today has seconds, yesterday has its word, older days their date", () => {
  const at = new Date(2026, 10, 21, 21, 30).getTime();
  const iso = (day: number, hour: number): string =>
    new Date(2026, 10, day, hour, 14, 5).toISOString();

  assert.equal(sayWhen(iso(21, 21), at, "fr"), "21:14:05");
  assert.equal(sayWhen(iso(20, 23), at, "fr"), "hier 23:14");
  assert.equal(sayWhen(iso(20, 23), at, "en"), "yesterday 23:14");
  assert.match(sayWhen(iso(18, 8), at, "fr"), /18 nov.*08:14/);
});

test("freshness goes from one to nothing at the limit", () => {
  assert.equal(freshness(0, 60), 1);
  assert.equal(freshness(30, 60), 0.5);
  assert.equal(freshness(90, 60), 0);
});

test("a clock's offset is said in what fits it, with its sign", () => {
  assert.equal(sayOffset(340.4, "fr"), "+340 ms");
  assert.equal(sayOffset(-4210, "fr"), "−4,2 s");
  assert.equal(sayOffset(-4210, "en"), "−4.2 s");
});
