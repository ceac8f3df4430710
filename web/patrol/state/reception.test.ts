import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublisherState, Reception } from "../../shared/webrtc/publisher.ts";
import { receivedOf, sayRunning } from "./reception.ts";
import { stream } from "./samples.ts";

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
