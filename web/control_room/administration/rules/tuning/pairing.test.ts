import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "./looks.ts";
import { Pairing } from "./pairing.ts";

const look = (timestamp: number | null): Look => ({
  at: "2026-01-01T00:00:00Z",
  timestamp,
  per_s: null,
  gate: null,
  regions: [],
  tracks: [],
  unseen: [],
  left_things: [],
  flames: [],
  findings: [],
  preset: null,
  rules: [],
});
const S = 90_000;

test("a picture is given the look at it, or the one closest before it", () => {
  const pairing = new Pairing();
  const [first, second] = [look(10 * S), look(10.2 * S)];
  pairing.came(first, 0);
  pairing.came(second, 200);
  assert.equal(pairing.of(10 * S, 300), first);
  assert.equal(pairing.of(10.16 * S, 300), first);
  assert.equal(pairing.of(10.2 * S, 300), second);
  assert.equal(pairing.of(10.9 * S, 300), second);
});

test("timestamps wrap at 32 bits", () => {
  const pairing = new Pairing();
  const before = look(2 ** 32 - 100);
  pairing.came(before, 0);
  assert.equal(pairing.of(200, 0), before);
});

test("a look that no picture asks for is shown as it comes", () => {
  const pairing = new Pairing();
  const [one, two] = [look(10 * S), look(null)];
  assert.equal(pairing.came(one, 0), one);
  assert.equal(pairing.of(500 * S, 0), null); // another stream's clock
  assert.equal(pairing.came(two, 200), two);
  assert.equal(pairing.of(10 * S, 300), one);
  assert.equal(pairing.came(look(10.4 * S), 400), null); // its picture is still to be shown
  assert.notEqual(pairing.came(look(20 * S), 1_500), null); // none was shown for a second
});
