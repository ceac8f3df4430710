import assert from "node:assert/strict";
import { test } from "node:test";
import { momentsOf, sayTime, sayZone, toField } from "./moments.ts";

process.env.TZ = "Europe/Paris";

const utc = (text: string): number => Date.parse(`${text}Z`);

test("a time of day is one moment, and is written as it is read", () => {
  assert.deepEqual(momentsOf("2026-11-28T21:14:05"), [utc("2026-11-28T20:14:05")]);
  assert.deepEqual(momentsOf("2026-07-14T21:14"), [utc("2026-07-14T19:14:00")]);
  assert.equal(toField(utc("2026-11-28T20:14:05.900")), "2026-11-28T21:14:05");
});

test("the hour that comes twice in autumn is two moments, and is said with its zone", () => {
  const both = [utc("2026-10-25T00:30:00"), utc("2026-10-25T01:30:00")];

  assert.deepEqual(momentsOf("2026-10-25T02:30:00"), both);
  assert.deepEqual(both.map(toField), ["2026-10-25T02:30:00", "2026-10-25T02:30:00"]);
  assert.deepEqual(both.map(sayTime), ["02:30:00 UTC+2", "02:30:00 UTC+1"]);
  assert.equal(momentsOf("2026-10-25T01:59:59").length, 1);
  assert.equal(momentsOf("2026-10-25T03:00:00").length, 1);
});

test("the hour that spring leaves out is no moment, nor is what is no time", () => {
  assert.deepEqual(momentsOf("2026-03-29T02:30:00"), []);
  assert.equal(momentsOf("2026-03-29T01:59:59").length, 1);
  assert.equal(momentsOf("2026-03-29T03:00:00").length, 1);
  assert.deepEqual(momentsOf(""), []);
  assert.deepEqual(momentsOf("2026-13-01T00:00"), []);
});

test("zones beyond the sea are said as they are", () => {
  for (const [zone, said] of [
    ["America/Cayenne", "UTC−3"],
    ["Pacific/Marquesas", "UTC−9:30"],
    ["Indian/Reunion", "UTC+4"],
  ]) {
    process.env.TZ = zone;
    assert.equal(sayZone(utc("2026-10-25T00:30:00")), said);
  }
  process.env.TZ = "Europe/Paris";
});
