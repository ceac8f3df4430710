/** Writes the service worker with the list of files the patrol's page is made of. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One entry of `.vite/manifest.json`. */
export interface Chunk {
  file: string;
  css?: string[];
  assets?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

const PAGE = "patrol/index.html";
/** Files that are copied as they are, and that the page needs without network. */
const COPIED = [
  "/icon.svg",
  "/patrol/manifest.webmanifest",
  "/patrol/icons/icon-192.png",
  "/patrol/icons/badge-96.png",
];

/** Every file that `entry` leads to, what is loaded later included, as addresses. */
export function shellOf(manifest: Record<string, Chunk>, entry: string): string[] {
  const files = new Set<string>();
  const seen = new Set<string>();
  const follow = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk || seen.has(name)) return;
    seen.add(name);
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) {
      files.add(`/${file}`);
    }
    for (const other of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) follow(other);
  };
  follow(entry);
  return [...files].toSorted();
}

/** A Vite plugin. Another page, worker or file is another version. */
export function serviceWorker(source: string) {
  return {
    name: "ilotier-service-worker",
    apply: "build" as const,
    writeBundle({ dir }: { dir?: string | undefined }): void {
      if (!dir || !existsSync(join(dir, PAGE))) return;
      const text = readFileSync(join(dir, ".vite/manifest.json"), "utf8");
      const manifest = JSON.parse(text) as Record<string, Chunk>;
      const worker = readFileSync(source, "utf8");
      const files = ["/patrol/", ...shellOf(manifest, PAGE), ...COPIED];
      const hash = createHash("sha256").update(worker).update(files.join("\n"));
      hash.update(readFileSync(join(dir, PAGE)));
      const shell = { version: hash.digest("hex").slice(0, 16), files };
      mkdirSync(join(dir, "patrol"), { recursive: true });
      const filled = worker.replace('"__SHELL__"', () => JSON.stringify(shell, null, 2));
      writeFileSync(join(dir, "patrol/sw.js"), filled);
    },
  };
}
