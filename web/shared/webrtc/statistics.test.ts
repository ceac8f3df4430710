import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "./statistics.ts";

const look = (at: number, rest: object = {}): { type: string }[] => [
  { type: "codec", id: "c1", mimeType: "video/H264" } as { type: string },
  { type: "inbound-rtp", kind: "audio" } as { type: string },
  {
    type: "inbound-rtp",
    kind: "video",
    codecId: "c1",
    timestamp: at,
    bytesReceived: at * 100,
    packetsReceived: at / 10,
    packetsLost: 0,
    frameWidth: 1280,
    frameHeight: 720,
    framesPerSecond: 25,
    framesDecoded: 500,
    jitterBufferDelay: at / 1000,
    jitterBufferEmittedCount: at / 40,
    ...rest,
  } as { type: string },
  { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.012 } as {
    type: string;
  },
];

test("a first look has what is, and no rates yet", () => {
  const first = read(look(1_000), null);

  assert.equal(first?.figures.codec, "H264");
  assert.equal(first?.figures.height, 720);
  assert.equal(first?.figures.roundTrip_ms, 12);
  assert.equal(first?.figures.kbitPerSecond, null);
});

test("rates are of the time between two looks", () => {
  const first = read(look(1_000), null);
  const second = read(look(2_000, { packetsLost: 25 }), first?.counters ?? null);

  assert.equal(second?.figures.kbitPerSecond, 800);
  assert.equal(second?.figures.loss, 0.2);
  assert.equal(second?.figures.buffered_ms, 40);
});

test("a new session, whose counters begin again, has no rates", () => {
  const old = read(look(9_000), null);
  const fresh = read(look(9_500, { bytesReceived: 10 }), old?.counters ?? null);

  assert.equal(fresh?.figures.kbitPerSecond, null);
});

test("without a picture there are no figures", () => {
  assert.equal(read([{ type: "codec" }], null), null);
});
