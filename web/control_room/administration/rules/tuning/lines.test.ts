import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf } from "./lines.ts";

async function* parts(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function all(lines: AsyncIterable<string[]>): Promise<string[][]> {
  const found: string[][] = [];
  for await (const some of lines) found.push(some);
  return found;
}

test("a line is given when it is whole, with those that came with it", async () => {
  const given = await all(linesOf(parts('{"a"', ':1}\n{"b":2}\n{"c"', ":3}\n")));
  assert.deepEqual(given, [['{"a":1}', '{"b":2}'], ['{"c":3}']]);
});

test("a letter that comes in two parts is one letter, in a stream as well", async () => {
  const bytes = new TextEncoder().encode("é\n");
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  assert.deepEqual(await all(linesOf(stream)), [["é"]]);
});

test("a line that was cut off is not given", async () => {
  assert.deepEqual(await all(linesOf(parts("whole\n", "cut"))), [["whole"]]);
});
