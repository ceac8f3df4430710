import assert from "node:assert/strict";
import { test } from "node:test";
import type { Camera, Guidance, UnitLive } from "../../shared/types.ts";
import { cameraFeatures, guidanceFeatures, unitFeatures } from "./features.ts";

const NOW = Date.parse("2026-11-21T21:00:00Z");
const at = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

const unit = (rest: Partial<UnitLive>): UnitLive => ({
  id: "u",
  commune_id: "c",
  call_sign: "PM 12",
  kind: "police-municipale",
  armed: true,
  state: "free",
  shift: { id: "s", person_name: "", device_id: "d", started_at: at(900), break_since: null },
  position: {
    point: { type: "Point", coordinates: [1, 2] },
    accuracy_m: 5,
    heading_deg: 90,
    speed_mps: 2,
    fixed_at: at(0),
  },
  intervention_id: null,
  ...rest,
});

const camera = (rest: Partial<Camera>): Camera =>
  ({
    id: "k",
    number: 4,
    name: "Gare",
    point: { type: "Point", coordinates: [1, 2] },
    lawful: { ok: true, reason: null },
    state: { up: true },
    watching: 0,
    ...rest,
  }) as Camera;

const show = (one: UnitLive): ReturnType<typeof unitFeatures> =>
  unitFeatures([one], null, NOW, "fr", (state) => state);

test("a unit that moves is an arrow, one that stands is a disc", () => {
  const still = unit({ position: { ...unit({}).position!, speed_mps: 0.1 } });

  assert.equal(show(unit({})).features[0]?.properties["icon"], "unit-free");
  assert.equal(show(still).features[0]?.properties["icon"], "unit-free-still");
});

test("a unit fades with the age of its fix, and its age is said", () => {
  const old = unit({ position: { ...unit({}).position!, fixed_at: at(120) } });
  const properties = show(old).features[0]?.properties;

  assert.ok(Number(properties?.["opacity"]) < 0.5);
  assert.match(String(properties?.["label"]), /PM 12\nfree · 2 min 00/);
});

test("a unit off shift is not on the map, whatever is left of its position", () => {
  assert.equal(show(unit({ shift: null })).features.length, 0);
});

test("a camera is filled when watched and hollow when down or not lawful", () => {
  const icon = (one: Camera): unknown => cameraFeatures([one], null).features[0]?.properties["icon"];

  assert.equal(icon(camera({})), "camera-up");
  assert.equal(icon(camera({ watching: 2 })), "camera-watched");
  assert.equal(icon(camera({ watching: 2, state: { up: false } as Camera["state"] })), "camera-down");
  assert.equal(icon(camera({ lawful: { ok: false, reason: "" } })), "camera-down");
});

test("of several points sent to a unit only the latest is on the map", () => {
  const sent = (id: string, seconds: number): Guidance =>
    ({
      id,
      unit_id: "u",
      call_sign: "PM 12",
      point: { type: "Point", coordinates: [3, 4] },
      sent_at: at(seconds),
    }) as Guidance;
  const { points, lines } = guidanceFeatures([sent("a", 60), sent("b", 10)], [unit({})], NOW);

  assert.deepEqual(points.features.map(({ properties }) => properties["id"]), ["b"]);
  assert.equal(lines.features.length, 1);
});
