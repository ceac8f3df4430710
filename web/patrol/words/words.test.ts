import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

const blanks = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages fill the same blanks", () => {
  for (const [key, sentence] of Object.entries(fr)) {
    assert.deepEqual(blanks(en[key as keyof typeof fr]), blanks(sentence), key);
  }
});
