import assert from "node:assert/strict";
import { test } from "node:test";
import { encodings, Layers } from "./layers.ts";

/** What the layers decide, second by second; `h` and `l`: whether that layer sends. */
function decisions(seconds: { h: boolean; l: boolean }[]): (number | null)[] {
  const layers = new Layers();
  let h = 0;
  let l = 0;
  return seconds.map((second) => {
    h += second.h ? 1000 : 0;
    l += second.l ? 100 : 0;
    const sent = new Map([["h", h], ["l", l]]);
    return layers.look(sent)?.scaleResolutionDownBy ?? null;
  });
}

const both = { h: true, l: true };
const small = { h: false, l: true };
const none = { h: false, l: false };

test("the layers are offered with the highest first", () => {
  assert.deepEqual(encodings().map(({ rid }) => rid), ["h", "l"]);
});

test("both layers sent: nothing changes", () => {
  assert.deepEqual(decisions(Array(8).fill(both)), Array(8).fill(null));
});

test("the small picture grows when it is alone, and shrinks when the large one returns", () => {
  const seen = decisions([both, small, small, small, small, small, both, both, both, both, both]);

  assert.deepEqual(seen, [null, null, null, null, 2, null, null, null, null, 4, null]);
});

test("a pause of the large picture for a moment changes nothing", () => {
  assert.ok(decisions([both, small, small, both, small, small, both]).every((it) => it === null));
});

test("nothing sent at all, as in a tunnel or with a muted camera, changes nothing", () => {
  assert.ok(decisions([both, ...Array(9).fill(none), both]).every((it) => it === null));
});
