/** What a page costs before it shows anything: its entry with all that is loaded with it, gzipped. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const PAGES = new URL("../../server/http/pages/", import.meta.url);
const MANIFEST = new URL(".vite/manifest.json", PAGES);

/** In bytes: a second of a bad 4G (1 Mbit/s) is 125,000. The map is loaded when it is looked at.
 *
 * The control room sits at a wire; the phone is in the street, and has less.
 */
const BUDGETS: Record<string, number> = {
  "index.html": 93_000,
  "patrol/index.html": 75_000,
};

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

test(
  "each page keeps to its budget",
  { skip: existsSync(MANIFEST) ? false : "the pages are not built: tools/set_up.sh" },
  (t) => {
    const manifest = JSON.parse(readFileSync(MANIFEST, "utf8")) as Record<string, Chunk>;
    for (const [page, budget] of Object.entries(BUDGETS)) {
      const files = filesOf(manifest, page, new Set());
      const bytes = [...files].reduce(
        (sum, file) => sum + gzipSync(readFileSync(new URL(file, PAGES))).length,
        0,
      );
      t.diagnostic(`${page}: ${bytes} of ${budget} bytes`);

      assert.ok(files.size > 1, `${page} is in the manifest with what it needs`);
      assert.ok(bytes <= budget, `${page}: ${bytes} bytes, ${budget} are allowed`);
    }
  },
);

/** The files of a chunk and of all that it imports; what it loads later is left out. */
function filesOf(manifest: Record<string, Chunk>, name: string, seen: Set<string>): Set<string> {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const imported of chunk.imports ?? []) filesOf(manifest, imported, seen);
  return seen;
}
