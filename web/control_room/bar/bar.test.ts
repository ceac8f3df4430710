import assert from "node:assert/strict";
import { test } from "node:test";
import type { Camera, Health, UnitLive, VolumeAlarm } from "../../shared/types.ts";
import { Falling } from "../notices/falling.ts";
import { troublesOf, wordOf } from "./health_word.ts";
import { matches } from "./matches.ts";

const NOW = Date.parse("2026-11-21T21:00:00Z");

const health = (rest: Partial<Health> = {}): Health => ({
  now: "2026-11-21T21:00:00Z",
  processes: [{ role: "media", holder: "m", up: true, seen_at: "", clock_offset_ms: 3 }],
  cameras_down: [],
  outages: [],
  database: { ok: true, size_bytes: 1 },
  disk: { free_bytes: 50e9, total_bytes: 100e9 },
  push: { web_push: { on: true, reason: null }, firebase: { on: false, reason: "no credentials" } },
  camera_clocks: [],
  orders_ending: [],
  suspensions: [],
  cameras_behind: [],
  cameras_impaired: [],
  rules_resting: { counts: [], named: [], off_preset: [], unavailable: [] },
  recordings: [],
  ...rest,
});

const camera = (rest: Partial<Camera>): Camera =>
  ({
    id: "k",
    number: 12,
    name: "Gare, école",
    point: { type: "Point", coordinates: [1, 2] },
    lawful: { ok: true, reason: null },
    state: { up: true, since: "" },
    ...rest,
  }) as Camera;

test("all is well though a push channel has no credentials: it is said, it does not alarm", () => {
  const troubles = troublesOf(health(), [camera({})], [], NOW);

  assert.deepEqual(troubles.map(({ what }) => what), ["push"]);
  assert.equal(wordOf(health(), troubles), "good");
});

test("a camera down is to be noted, a dead process is bad", () => {
  const down = troublesOf(health(), [camera({ state: { up: false } as Camera["state"] })], [], NOW);
  const dead = health({
    processes: [{ role: "media", holder: "m", up: false, seen_at: "", clock_offset_ms: null }],
  });

  assert.equal(wordOf(health(), down), "note");
  assert.equal(wordOf(dead, troublesOf(dead, [], [], NOW)), "bad");
});

test("cameras behind one dead switch are one trouble, named with them", () => {
  const off = { up: false, since: "x", reason: "no-route" } as Camera["state"];
  const all = ["a", "b", "c", "d"].map((id) => camera({ id, state: off }));
  const out = { since: "x", cameras: ["a", "b", "c"], network: null };
  const troubles = troublesOf(health({ outages: [out], push: {} as Health["push"] }), all, [], NOW);

  assert.deepEqual(troubles.map(({ what }) => what), ["outage", "camera"]);
  assert.deepEqual(troubles[0]?.what === "outage" && troubles[0].cameras.map(({ id }) => id), ["a", "b", "c"]);
});

test("cameras that fall one after the other are said together", () => {
  const falling = new Falling();
  falling.add("a", 0);

  assert.deepEqual(falling.add("b", 9_000), ["a", "b"]);
  assert.deepEqual(falling.add("c", 30_000), ["c"]);
});

test("a kind that is suspended is to be noted: nobody looks for it any more", () => {
  const suspended = health({
    push: {} as Health["push"],
    suspensions: [{ camera_id: "k", number: 12, name: "Gare", kind: "density", suspended_at: "x" }],
  });
  const troubles = troublesOf(suspended, [], [], NOW);

  assert.deepEqual(troubles, [
    { what: "suspension", id: "k", name: "12 Gare", kind: "density", since: "x" },
  ]);
  assert.equal(wordOf(suspended, troubles), "note");
});

test("cameras that are analysed less often than they should be are one trouble", () => {
  const one = { id: "a", number: 3, name: "Quai", looks_per_s: 2.3, wanted_per_s: 5 };
  const other = { id: "b", number: 4, name: "Gare", looks_per_s: 2.1, wanted_per_s: 5 };
  const behind = health({ push: {} as Health["push"], cameras_behind: [one, other] });
  const troubles = troublesOf(behind, [], [], NOW);

  assert.deepEqual(troubles, [
    {
      what: "behind",
      cameras: [{ id: "a", name: "3 Quai" }, { id: "b", name: "4 Gare" }],
      looks: 2.1,
      wanted: 5,
    },
  ]);
  assert.equal(wordOf(behind, troubles), "note");
});

test("cameras that show nothing are one trouble of each sort, named with since when", () => {
  const one = { id: "a", number: 3, name: "Quai", what: "frozen" as const, since: "x" };
  const other = { id: "b", number: 4, name: "Gare", what: "frozen" as const, since: "y" };
  const dark = { id: "c", number: 5, name: "Parc", what: "blinded" as const, since: "z" };
  const impaired = health({ push: {} as Health["push"], cameras_impaired: [one, dark, other] });
  const troubles = troublesOf(impaired, [], [], NOW);

  assert.deepEqual(troubles, [
    { what: "impaired", of: "blinded", cameras: [{ id: "c", name: "5 Parc", since: "z" }] },
    {
      what: "impaired",
      of: "frozen",
      cameras: [{ id: "a", name: "3 Quai", since: "x" }, { id: "b", name: "4 Gare", since: "y" }],
    },
  ]);
  assert.equal(wordOf(impaired, troubles), "note");
});

test("a phone on shift that says nothing for two minutes is late, one on a break is not", () => {
  const silent = {
    id: "u",
    call_sign: "PM 12",
    position: null,
    shift: { started_at: "2026-11-21T20:50:00Z", break_since: null },
  } as UnitLive;
  const resting = { ...silent, shift: { ...silent.shift, break_since: "x" } } as UnitLive;

  assert.equal(troublesOf(null, [], [silent], NOW)[0]?.what, "phone");
  assert.deepEqual(troublesOf(null, [], [resting], NOW), []);
});

test("nothing heard from the server is unknown, not good", () => {
  assert.equal(wordOf(null, []), "unknown");
});

test("recordings that can't be kept or destroyed are bad, a disk that fills is to be seen to", () => {
  const alarm = (kind: VolumeAlarm["kind"]): VolumeAlarm => ({
    volume: "v",
    commune_id: "c",
    host: "csu",
    kind,
    since: "2026-11-21T20:00:00Z",
    full_at: "2026-11-24T20:00:00Z",
    overdue: 3,
  });
  for (const kind of ["purge", "clock", "full", "read-only", "failing", "lost"] as const) {
    const bad = health({ recordings: [alarm(kind)] });
    assert.equal(wordOf(bad, troublesOf(bad, [], [], NOW)), "bad");
  }
  const filling = health({ recordings: [alarm("filling")] });
  assert.equal(wordOf(filling, troublesOf(filling, [], [], NOW)), "note");
});

test("a full disk is bad", () => {
  const full = health({ disk: { free_bytes: 1e9, total_bytes: 100e9 } });

  assert.equal(wordOf(full, troublesOf(full, [], [], NOW)), "bad");
});

test("a number finds cameras by their number, words find parts of names without accents", () => {
  const from = {
    cameras: [camera({}), camera({ id: "l", number: 3, name: "Mairie 12" })],
    units: [{ id: "u", call_sign: "PM 12", position: null } as UnitLive],
    interventions: [],
    places: [],
  };

  assert.deepEqual(matches("12", from).map(({ label }) => label), ["12 Gare, école", "PM 12"]);
  assert.deepEqual(matches("ecole gar", from).map(({ label }) => label), ["12 Gare, école"]);
});

test("a camera whose clock is wrong asks for somebody, by name", () => {
  const clock = {
    offset_ms: 4200,
    uncertainty_ms: 20,
    read_at: "2026-03-01T21:14:05Z",
    wrong_since: "2026-03-01T20:00:00Z",
    drift_s_a_day: 2.1,
  };
  const seen = health({ camera_clocks: [{ id: "k", number: 12, name: "Gare", clock }] });
  const troubles = troublesOf(seen, [], [], NOW);

  assert.deepEqual(troubles.filter(({ what }) => what !== "push"), [
    {
      what: "camera-clock",
      id: "k",
      name: "12 Gare",
      offset_ms: 4200,
      since: "2026-03-01T20:00:00Z",
    },
  ]);
  assert.equal(wordOf(seen, troubles), "note");
});
