import assert from "node:assert/strict";
import { test } from "node:test";
import { Past } from "./past.ts";

interface Picture {
  at: number;
  came: number;
  time_ms: number;
}

/** The first picture after which the past is over; -1: none. */
function firstLive(pictures: Picture[]): number {
  const past = new Past();
  return pictures.findIndex(({ at, came, time_ms }) => {
    past.saw(at, { rtpTimestamp: (time_ms * 90) >>> 0, receiveTime: came });
    return past.isOver(at);
  });
}

const live = (count: number, from: number, lag = 5): Picture[] =>
  Array.from({ length: count }, (_, i) => ({
    at: from + 40 * i + lag,
    came: from + 40 * i,
    time_ms: 90_000 + from + 40 * i,
  }));
/** As the relay sends it: a tenth of a millisecond apart; `apart` is what the link needs. */
const past = (count: number, from: number, apart: number, lag = 5): Picture[] =>
  Array.from({ length: count }, (_, i) => ({
    at: from + apart * i + lag,
    came: from + apart * i,
    time_ms: 90_000 + from + count * apart - (count - i) / 10,
  }));

test("live pictures are known by the third one", () => {
  assert.equal(firstLive(live(5, 1_000)), 2);
});

test("the past lasts up to the second or third live picture, at whatever speed it comes", () => {
  for (const apart of [0, 3, 8, 25]) {
    const pictures = [...past(200, 1_000, apart), ...live(5, 1_000 + 200 * apart + 40)];
    assert.ok([201, 202].includes(firstLive(pictures)), `${apart} ms apart`);
  }
});

test("while a busy page presents one picture of fifty it is still the past", () => {
  const pictures = past(400, 1_000, 8).filter((_, i) => i % 50 === 0);
  assert.equal(firstLive(pictures), -1);
});

test("live pictures that wait for the decoder are still held back", () => {
  const pictures = [...past(50, 1_000, 4), ...live(20, 1_240, 400), ...live(5, 2_040)];
  assert.equal(firstLive(pictures), 71);
});

test("the times may wrap", () => {
  const seen = new Past();
  seen.saw(1_010, { rtpTimestamp: 2 ** 32 - 1_000, receiveTime: 1_005 });
  seen.saw(1_050, { rtpTimestamp: 2_600, receiveTime: 1_045 });
  seen.saw(1_090, { rtpTimestamp: 6_200, receiveTime: 1_085 });
  assert.ok(seen.isOver(1_090));
});

test("a picture that stands alone, and one held for long, are shown", () => {
  const alone = new Past();
  alone.saw(1_000, { rtpTimestamp: 0, receiveTime: 995 });
  assert.equal(alone.isOver(1_400), false);
  assert.equal(alone.isOver(1_600), true);
  assert.equal(firstLive(past(900, 1_000, 8)), 751);
});

test("pictures that are decoded and presented to nobody are live after a moment", () => {
  const hidden = new Past();
  hidden.decoded(1_000);
  hidden.decoded(1_600);
  assert.equal(hidden.isOver(1_400), false);
  assert.equal(hidden.isOver(1_600), true);
});

test("nothing is held back before a picture, nor where a browser says nothing of times", () => {
  const silent = new Past();
  assert.equal(silent.isOver(0), false);
  silent.saw(1_000, {});
  assert.equal(silent.isOver(1_000), true);
});
