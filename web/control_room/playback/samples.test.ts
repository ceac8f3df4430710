import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthen, Pictures, samplesOf } from "./samples.ts";

const TICK = 1 / 90_000;

function box(kind: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = parts.flatMap((part) => [...part]);
  return new Uint8Array([...u32(body.length + 8), ...new TextEncoder().encode(kind), ...body]);
}

const u32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);

const words = (...values: readonly number[]): Uint8Array => new Uint8Array(values.flatMap(u32));

/** As `webrtc/recording/fragments.py` lays it out; `track` 2 is sound. */
function fragment(ticks: number, durations: readonly number[], track = 1): Uint8Array {
  const samples = durations.flatMap((duration) => [duration, 1000, 0]);
  const traf = box(
    "traf",
    box("tfhd", words(0x020000, track)),
    box("tfdt", words(0x01000000, 0, ticks)),
    box("trun", words(0x000701, durations.length, 100, ...samples)),
  );
  const moof = box("moof", box("mfhd", words(0, 1)), traf);
  return new Uint8Array([...moof, ...box("mdat", new Uint8Array(20))]);
}

const starts = (data: Uint8Array): number[] => samplesOf(data).map(({ start }) => Math.round(start / TICK));

test("each picture of each fragment has its own time", () => {
  const two = new Uint8Array([...fragment(9000, [3600, 3700]), ...fragment(16300, [3600])]);

  assert.deepEqual(starts(two), [9000, 12600, 16300]);
  assert.deepEqual(samplesOf(two).map(({ lasts }) => Math.round(lasts / TICK)), [3600, 3700, 3600]);
});

test("sound, a head, and bytes that are no fragment hold no picture", () => {
  const noise = new Uint8Array(200).map((_, i) => (i * 37) % 256);

  assert.deepEqual(samplesOf(fragment(0, [960], 2)), []);
  assert.deepEqual(samplesOf(box("moov", box("mvhd", words(0)))), []);
  assert.deepEqual(samplesOf(noise), []);
  assert.deepEqual(samplesOf(fragment(0, [3600]).slice(0, 40)), []);
  assert.deepEqual(samplesOf(new Uint8Array()), []);
});

test("the picture beside one is the next, whatever the camera's rate, and there is none at an end", () => {
  const pictures = new Pictures();
  pictures.add(samplesOf(fragment(18_000, [6000, 6000])));
  pictures.add(samplesOf(fragment(0, [1500, 4500, 12_000])));
  const found = [pictures.at(0)];
  while (found.at(-1)) found.push(pictures.beside(found.at(-1)!, 1));

  const times = found.map((one) => one && Math.round(one.start / TICK));
  assert.deepEqual(times, [0, 1500, 6000, 18_000, 24_000, null]);
  assert.deepEqual(pictures.beside(found[1]!, -1), found[0]);
  assert.equal(pictures.beside(found[0]!, -1), null);
});

test("a picture is shown until the next one comes, and not beyond what is known", () => {
  const pictures = new Pictures();
  pictures.add(samplesOf(fragment(0, [3600])));
  pictures.add(samplesOf(fragment(9000, [3600])));

  assert.equal(pictures.at(8000 * TICK)?.start, 0);
  assert.equal(pictures.at(9000 * TICK)?.start, 0.1);
  assert.equal(pictures.at(20_000 * TICK), null);
  assert.equal(pictures.at(-1), null);
});

test("what is loaded anew takes the place of what it was", () => {
  const pictures = new Pictures();
  for (let i = 0; i < 3; i += 1) pictures.add(samplesOf(fragment(0, [3600, 3600, 3600])));
  pictures.add(samplesOf(fragment(3600, [1800, 1800])));
  const first = pictures.at(0)!;
  const second = pictures.beside(first, 1)!;

  assert.equal(Math.round(second.start / TICK), 3600);
  assert.equal(Math.round(pictures.beside(second, 1)!.start / TICK), 5400);
});

test("a long look keeps a bounded number, the newest among them", () => {
  const pictures = new Pictures();
  for (let i = 0; i < 400; i += 1) {
    pictures.add(samplesOf(fragment(i * 36_000, Array<number>(50).fill(720))));
  }

  assert.equal(pictures.at(0), null);
  assert.notEqual(pictures.at(399.99 * 0.4), null);
});

test("a fragment's last picture lasts until the next one comes, and the last of all to the end", () => {
  const second = 90_000;
  const data = new Uint8Array([
    ...fragment(second, [3600, 3600]),
    ...fragment(second + 40_000, [3600, 3600]),
    ...fragment(second + 47_200, [3600]),
  ]);
  lengthen(data, 2);

  const pictures = samplesOf(data);
  assert.deepEqual(
    pictures.map(({ lasts }) => Math.round(lasts / TICK)),
    [3600, 36_400, 3600, 3600, 132_800],
  );
  assert.deepEqual(starts(data), [90_000, 93_600, 130_000, 133_600, 137_200]);
});

test("what is no longer than it says is left as it is, and so is what is no picture", () => {
  for (const data of [
    new Uint8Array([...fragment(0, [3600, 3600]), ...fragment(5000, [3600])]),
    fragment(0, [960], 2),
    fragment(0, []),
    fragment(0, [3600]).slice(0, 40),
    new Uint8Array(),
  ]) {
    const before = data.slice();
    lengthen(data, 0.001);
    assert.deepEqual(data, before);
  }
});
