import assert from "node:assert/strict";
import { test } from "node:test";
import { whySilent } from "./silent.ts";

const speaks = { lawful: { ok: true, reason: null }, source: "rtsp", has_loudspeaker: true } as const;

test("a camera may be spoken through unless it is known to have no loudspeaker", () => {
  assert.equal(whySilent(speaks), null);
  assert.equal(whySilent({ ...speaks, has_loudspeaker: null }), null);
  assert.equal(whySilent({ ...speaks, has_loudspeaker: false }), "noLoudspeaker");
});

test("a file, and a camera that no order covers, say why they stay silent", () => {
  assert.equal(whySilent({ ...speaks, source: "file", has_loudspeaker: null }), "noBackChannel");
  const unlawful = { ok: false, reason: "order-ended" };
  assert.equal(whySilent({ ...speaks, lawful: unlawful, has_loudspeaker: false }), "unlawful");
});
