import assert from "node:assert/strict";
import { test } from "node:test";
import { shellOf } from "./build_worker.ts";

test("the shell holds what the page loads later too, the map's worker included, and no more", () => {
  const manifest = {
    "patrol/index.html": {
      file: "assets/patrol.js",
      css: ["assets/patrol.css"],
      imports: ["_shared.js"],
      dynamicImports: ["shared/map/map.ts"],
    },
    "_shared.js": { file: "assets/shared.js" },
    "shared/map/map.ts": {
      file: "assets/map.js",
      assets: ["assets/worker.mjs"],
      imports: ["_shared.js", "patrol/index.html"],
    },
    "index.html": { file: "assets/control_room.js" },
  };

  assert.deepEqual(shellOf(manifest, "patrol/index.html"), [
    "/assets/map.js",
    "/assets/patrol.css",
    "/assets/patrol.js",
    "/assets/shared.js",
    "/assets/worker.mjs",
  ]);
});
