/** Builds the two pages, the console at `/` and the phone at `/patrol/`, into server/http/pages. */

import { existsSync } from "node:fs";
import { defineConfig } from "vite";
import { serviceWorker } from "./patrol/build_worker.ts";

const pages = [
  ["control_room", new URL("index.html", import.meta.url).pathname],
  ["patrol", new URL("patrol/index.html", import.meta.url).pathname],
].filter(([, path]) => existsSync(path as string));

export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  plugins: [serviceWorker(new URL("patrol/sw.js", import.meta.url).pathname)],
  build: {
    outDir: "../server/http/pages",
    emptyOutDir: true,
    manifest: true,
    // The policy allows no `data:` picture, so nothing is inlined.
    assetsInlineLimit: 0,
    // The polyfill is for browsers that MapLibre does not run in anyway.
    modulePreload: { polyfill: false },
    // MapLibre alone is about 1 MB; it is loaded with the map, not before.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { input: Object.fromEntries(pages) },
  },
  server: {
    // `npm run dev` in front of a running server: ILOTIER_URL=http://127.0.0.1:8080
    proxy: { "/api": { target: process.env["ILOTIER_URL"] ?? "http://127.0.0.1:8080", ws: true } },
  },
});
