import assert from "node:assert/strict";
import { test } from "node:test";
import { mediaTimeAt, nearestRecorded, piecesOf, timeOfMedia } from "./pieces.ts";

const T = Date.UTC(2026, 10, 28, 12);
/** Ten seconds, a hole of a minute, ten seconds; the media knows of no hole. */
const FRAGMENTS = [
  ...Array.from({ length: 10 }, (_, i) => ({
    programDateTime: T + i * 1000,
    start: i,
    duration: 1,
  })),
  ...Array.from({ length: 10 }, (_, i) => ({
    programDateTime: T + 70_000 + i * 1000,
    start: 10 + i,
    duration: 1,
  })),
];
const PIECES = piecesOf(FRAGMENTS);

test("fragments that follow each other are one piece, a hole begins another", () => {
  assert.deepEqual(PIECES, [
    { from: T, to: T + 10_000, start: 0 },
    { from: T + 70_000, to: T + 80_000, start: 10 },
  ]);
});

test("a time of day finds its second of the media, and the other way round", () => {
  assert.equal(mediaTimeAt(PIECES, T + 4_500), 4.5);
  assert.equal(mediaTimeAt(PIECES, T + 72_500), 12.5);
  assert.equal(timeOfMedia(PIECES, 4.5), T + 4_500);
  assert.equal(timeOfMedia(PIECES, 12.5), T + 72_500);
});

test("in a hole, before and after, there is no picture", () => {
  assert.equal(mediaTimeAt(PIECES, T + 40_000), null);
  assert.equal(mediaTimeAt(PIECES, T - 1), null);
  assert.equal(mediaTimeAt(PIECES, T + 90_000), null);
  assert.equal(mediaTimeAt([], T), null);
});

test("a hole that nobody sees keeps the last picture", () => {
  const pieces = piecesOf([
    { programDateTime: T, start: 0, duration: 5 },
    { programDateTime: T + 6_500, start: 5, duration: 5 },
  ]);

  assert.equal(pieces.length, 2);
  const there = mediaTimeAt(pieces, T + 6_000);
  assert.ok(there !== null && there > 4.9 && there < 5);
});

test("out of a hole one gets to the nearest picture, forward or back", () => {
  assert.equal(nearestRecorded(PIECES, T + 40_000, 1), T + 70_000);
  const back = nearestRecorded(PIECES, T + 40_000, -1);
  assert.ok(back !== null && back < T + 10_000 && mediaTimeAt(PIECES, back) !== null);
  assert.equal(nearestRecorded(PIECES, T + 90_000, 1), null);
  assert.equal(nearestRecorded(PIECES, T + 3_000, 1), T + 3_000);
});

test("a start that was corrected while loading moves the media, not the day", () => {
  const pieces = piecesOf(FRAGMENTS.map((one) => ({ ...one, start: one.start + 0.04 })));

  assert.equal(mediaTimeAt(pieces, T + 4_500), 4.54);
});

test("what the disk does not give is a hole between two pieces", () => {
  const part = (n: number): { programDateTime: number; start: number; duration: number } => ({
    programDateTime: 1_000_000 + n * 3_000,
    start: n * 3,
    duration: 3,
  });
  const pieces = piecesOf([0, 1, 2, 3].map(part), new Set([1_003_000]));

  assert.deepEqual(
    pieces.map(({ from, to }) => [from, to]),
    [
      [1_000_000, 1_003_000],
      [1_006_000, 1_012_000],
    ],
  );
  assert.equal(mediaTimeAt(pieces, 1_004_000), null);
  assert.equal(mediaTimeAt(pieces, 1_007_000), 7);
});
