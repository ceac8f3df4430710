import assert from "node:assert/strict";
import { test } from "node:test";
import { checkReceipt } from "./receipt_check.ts";

/** Signed by the server's own code, with the key of the bytes 0 to 31. */
const RECEIPT = {
  body:
    '{"bytes":0,"commune":"00000000-0000-0000-0000-000000000001","count":0,"day":"2026-11-28",' +
    '"destroyed":[],"form":"ilotier-destruction-1","source":"00000000-0000-0000-0000-000000000002"}',
  signature:
    "90cfbe39ca9aed7b7265658d848f6661d49ba183932dd804a190ad39fb4961bc" +
    "8484a0994d5de61ee2f08135f67b452e7e900571b494f1e5bd1b7f5b43631e0f",
  public_key: "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
};

test("a receipt as the server signed it is genuine", async () => {
  assert.equal(await checkReceipt(RECEIPT), "genuine");
});

test("a changed word, another key and a cut signature are found", async () => {
  const body = RECEIPT.body.replace('"count":0', '"count":1');
  const public_key = `04${RECEIPT.public_key.slice(2)}`;

  assert.equal(await checkReceipt({ ...RECEIPT, body }), "changed");
  assert.equal(await checkReceipt({ ...RECEIPT, public_key }), "changed");
  assert.equal(await checkReceipt({ ...RECEIPT, signature: "90cf" }), "changed");
  assert.equal(await checkReceipt({ ...RECEIPT, public_key: "" }), "changed");
});
