import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseStream } from "./stream_choice.ts";

const both = { main: "m", sub: "s" };

test("a small tile asks for the small stream, a large one for the large", () => {
  assert.equal(chooseStream(both, 270, null), "s");
  assert.equal(chooseStream(both, 1080, "s"), "m");
  assert.equal(chooseStream(both, 270, "m"), "s");
});

test("a tile between the sizes keeps what it has, so that it does not swing", () => {
  assert.equal(chooseStream(both, 420, "m"), "m");
  assert.equal(chooseStream(both, 420, "s"), "s");
  assert.equal(chooseStream(both, 420, null), "s");
});

test("a camera with one stream has that one at any size", () => {
  assert.equal(chooseStream({ main: "m", sub: null }, 100, null), "m");
});
