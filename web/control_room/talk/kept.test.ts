import assert from "node:assert/strict";
import { test } from "node:test";
import { kept } from "./kept.ts";

test("what begins for a dialog that is there goes on", async () => {
  const ended: string[] = [];
  const end = async (one: string): Promise<void> => void ended.push(one);

  assert.equal(await kept(Promise.resolve("voice"), () => false, end), "voice");
  assert.deepEqual(ended, []);
});

test("what begins once its dialog was closed is ended, and nobody is told that it is on", async () => {
  const ended: string[] = [];
  const end = async (one: string): Promise<void> => void ended.push(one);
  let gone = false;

  const waiting = kept(Promise.resolve("announcement"), () => gone, end);
  gone = true; // the answer is on its way

  assert.equal(await waiting, null);
  assert.deepEqual(ended, ["announcement"]);
});

test("what could not begin says why, and there is nothing to end", async () => {
  const refused = Promise.reject(new Error("taken"));

  await assert.rejects(kept(refused, () => true, () => Promise.reject(new Error("ended"))), /taken/);
});
