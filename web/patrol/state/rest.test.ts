import assert from "node:assert/strict";
import { test } from "node:test";
import { point } from "../../shared/geo.ts";
import type { Position } from "../../shared/types.ts";
import type { PublisherState, Reception } from "../../shared/webrtc/publisher.ts";
import { addressOf, pageOf, tidyCode } from "./address.ts";
import { batchOf, BATCH, fixOf, isWorthKeeping, type Fix } from "./fixes.ts";
import { receivedOf, sayRunning } from "./reception.ts";
import { me, onDuty, pressed, stream } from "./samples.ts";
import { mayLocate, shiftOf } from "./shift.ts";
import { isNight, sunHeightDeg } from "./sun.ts";
import { zoomFor } from "./views.ts";

const PARIS = point(2.3522, 48.8566);

test("position is looked for on shift only, and a press counts at once", () => {
  const duty = onDuty();
  const end = pressed({ do: "end-shift" });
  const pause = pressed({ do: "break" });
  const resume = pressed({ do: "resume" });

  assert.ok(mayLocate(shiftOf(duty, [])));
  assert.ok(!mayLocate(shiftOf(duty, [pause])));
  assert.ok(mayLocate(shiftOf(duty, [pause, resume])));
  assert.ok(!mayLocate(shiftOf(duty, [end])));
  assert.ok(!mayLocate(shiftOf(onDuty({ me: me({ shift: null }) }), [])));
});

test("a break that the server knows of stops the position", () => {
  const shift = { id: "s", unit_id: "unit-1", started_at: "a", break_since: "b" };

  assert.equal(shiftOf(onDuty({ me: me({ shift }) }), []).state, "break");
});

const fix = (seconds: number, lon: number): Position => ({
  point: point(lon, 48.86),
  accuracy_m: 8,
  heading_deg: null,
  speed_mps: null,
  fixed_at: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString(),
});

test("a fix is kept when the phone moved or the last one grows old, at most each two seconds", () => {
  assert.ok(isWorthKeeping(null, fix(0, 2.35)));
  assert.ok(!isWorthKeeping(fix(0, 2.35), fix(1, 2.36)));
  assert.ok(!isWorthKeeping(fix(0, 2.35), fix(4, 2.35)));
  assert.ok(isWorthKeeping(fix(0, 2.35), fix(4, 2.351)));
  assert.ok(isWorthKeeping(fix(0, 2.35), fix(11, 2.35)));
});

const fromReceiver = (heading: number | null, speed: number | null): Fix =>
  fixOf(
    {
      timestamp: 0,
      coords: { longitude: 2, latitude: 48, accuracy: 5, heading, speed },
    } as GeolocationPosition,
    "id",
  );

test("a standing receiver's heading is noise, and NaN is not a number to send", () => {
  assert.equal(fromReceiver(90, 0.1).heading_deg, null);
  assert.equal(fromReceiver(90, 2).heading_deg, 90);
  assert.equal(fromReceiver(360, 2).heading_deg, 0);
  assert.equal(fromReceiver(NaN, NaN).heading_deg, null);
  assert.equal(fromReceiver(NaN, NaN).speed_mps, null);
});

test("a batch holds no more than the server takes", () => {
  const many = Array.from({ length: BATCH + 1 }, () => fromReceiver(null, null));

  assert.equal(batchOf(many, "now").positions.length, BATCH);
});

const live: PublisherState = { phase: "live", streamId: "stream-1" };
const sharp: Reception = { quality: "sharp", bitsPerSecond: 1e6, height_px: 720, loss: 0 };

test("what is received is what both sides know", () => {
  assert.equal(receivedOf(live, sharp, stream()), "live");
  assert.equal(receivedOf(live, { ...sharp, quality: "poor" }, stream()), "poor");
  assert.equal(receivedOf(live, { ...sharp, quality: "none" }, stream()), "none");
  assert.equal(receivedOf({ phase: "connecting" }, null, null), "connecting");
  assert.equal(receivedOf(live, null, null), "connecting");
});

test("bytes that left are not a picture that arrived", () => {
  assert.equal(receivedOf(live, sharp, stream({ live: false })), "none");
  assert.equal(receivedOf(live, sharp, stream({ ended_at: "2026-11-21T21:31:00.000Z" })), "none");
});

test("another stream's state says nothing of this one", () => {
  assert.equal(receivedOf(live, sharp, stream({ id: "old", live: false })), "live");
});

test("running time reads like a clock", () => {
  assert.equal(sayRunning(7_900), "0:07");
  assert.equal(sayRunning(760_000), "12:40");
  assert.equal(sayRunning(3_723_000), "1:02:03");
});

test("an address leads to its page, and back to itself", () => {
  assert.deepEqual(pageOf("#/alert/abc"), { page: "alert", id: "abc" });
  assert.deepEqual(pageOf("#/film"), { page: "film" });
  assert.deepEqual(pageOf("#/nowhere"), { page: "home" });
  assert.deepEqual(pageOf(""), { page: "home" });
  assert.deepEqual(pageOf(addressOf({ page: "guidance", id: "x" })), { page: "guidance", id: "x" });
});

test("an enrolment code comes by either address, whatever people type around it", () => {
  assert.deepEqual(pageOf("#code=7K3M9-QXD2R"), { page: "enrol", code: "7K3M9-QXD2R" });
  assert.deepEqual(pageOf("#/enrol/7k3m9%20qxd2r"), { page: "enrol", code: "7K3M9-QXD2R" });
  assert.deepEqual(pageOf("#/enrol/%E0%A4%A"), { page: "enrol", code: "" });
  assert.equal(tidyCode(" 7k3m9 – qxd2r "), "7K3M9-QXD2R");
});

test("the sun stands where the almanac says", () => {
  // Paris, 21 June 2026: sunrise 03:47 UTC, noon at about 64.6 degrees, sunset 19:58 UTC.
  assert.ok(Math.abs(sunHeightDeg(Date.UTC(2026, 5, 21, 11, 52), PARIS) - 64.58) < 0.1);
  assert.ok(Math.abs(sunHeightDeg(Date.UTC(2026, 5, 21, 3, 47), PARIS) + 0.83) < 0.3);
  assert.ok(!isNight(Date.UTC(2026, 5, 21, 19, 50), PARIS));
  assert.ok(isNight(Date.UTC(2026, 5, 21, 20, 5), PARIS));
  assert.ok(isNight(Date.UTC(2026, 11, 21, 17, 0), PARIS));
});

test("the zoom shows the way there, and never less than a street or more than a town", () => {
  assert.equal(zoomFor(1, 300, 48), 17);
  assert.equal(zoomFor(1e6, 300, 48), 12);
  const zoom = zoomFor(800, 300, 48);
  assert.ok(zoom > 14 && zoom < 15.5);
});
