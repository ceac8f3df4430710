import assert from "node:assert/strict";
import { test } from "node:test";
import { point } from "../../shared/geo.ts";
import { drawMe, drawTarget, zoomFor } from "./views.ts";

test("the zoom shows the way there, and never less than a street or more than a town", () => {
  assert.equal(zoomFor(1, 300, 48), 17);
  assert.equal(zoomFor(1e6, 300, 48), 12);
  const zoom = zoomFor(800, 300, 48);
  assert.ok(zoom > 14 && zoom < 15.5);
});

const here = {
  point: point(2, 48),
  accuracy_m: 8,
  heading_deg: null,
  speed_mps: null,
  fixed_at: "2026-11-21T21:00:00.000Z",
};
const target = { point: point(2.01, 48), place: "", from: "alert", id: "a" } as const;

test("the agent is an arrow when his heading is known, else a disc", () => {
  const icon = (heading: number | null): unknown =>
    drawMe(here, heading).features.at(-1)?.properties["icon"];

  assert.equal(icon(90), "me");
  assert.equal(icon(null), "me-still");
  assert.equal(drawMe(null, 90).features.length, 0);
});

test("a place is marked even while the phone does not know where it is", () => {
  assert.equal(drawTarget(null, target, false).features.length, 1);
  assert.equal(drawTarget(here.point, target, false).features.length, 2);
  assert.equal(drawTarget(here.point, target, true).features[1]?.properties["icon"], "alert-panic");
});
