import assert from "node:assert/strict";
import { test } from "node:test";
import { Steps } from "./steps.ts";

/** Steps whose pictures come when the test says so. */
function slow(): { steps: Steps; made: number[]; comes: (isThere: boolean) => Promise<void> } {
  const made: number[] = [];
  const waiting: ((isThere: boolean) => void)[] = [];
  const steps = new Steps((way) => {
    made.push(way);
    return new Promise((resolve) => waiting.push(resolve));
  });
  const comes = async (isThere: boolean): Promise<void> => {
    waiting.shift()?.(isThere);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { steps, made, comes };
}

test("who presses while a picture is on its way is taken one further", async () => {
  const { steps, made, comes } = slow();
  for (let press = 0; press < 3; press += 1) steps.ask(1);

  assert.deepEqual(made, [1]);
  await comes(true);
  await comes(true);
  assert.deepEqual(made, [1, 1, 1]);
  await comes(true);
  steps.ask(-1);
  assert.deepEqual(made, [1, 1, 1, -1]);
});

test("a step back takes one on away that was not made yet", async () => {
  const { steps, made, comes } = slow();
  for (const way of [1, 1, -1] as const) steps.ask(way);
  await comes(true);

  assert.deepEqual(made, [1]);
});

test("where there is no more picture, or somebody goes elsewhere, none is made any more", async () => {
  for (const isThere of [true, false]) {
    const { steps, made, comes } = slow();
    steps.ask(1);
    steps.ask(1);
    if (isThere) steps.forget();
    await comes(isThere);
    assert.deepEqual(made, [1]);
  }
});

test("a key that is held for long goes on for a few pictures at most", async () => {
  const { steps, made, comes } = slow();
  for (let press = 0; press < 100; press += 1) steps.ask(1);
  for (let picture = 0; picture < 100; picture += 1) await comes(true);

  assert.equal(made.length, 5);
});
