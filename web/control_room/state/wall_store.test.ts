import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { now } from "../../shared/time.ts";
import type { Camera, Me, SharedWall } from "../../shared/types.ts";
import { bring, EMPTY_WALL, isolate, put, showsOf, withLayout } from "../wall/placement.ts";
import { toggled } from "../wall/rotation.ts";
import { EMPTY_ROOM } from "./room.ts";
import { me, room } from "./store.ts";
import { changeWall, driven, followRoom, own, said, upcoming, wall } from "./wall_store.ts";

const START = 1_000_000;
const IDS = ["a", "b", "c", "d", "e", "f", "g"];
const camera = (id: string, number: number): Camera =>
  ({ id, number, commune_id: "k", disabled_at: null, state: null }) as Camera;
const shared: SharedWall = {
  id: "w",
  name: "Salle",
  commune_id: "k",
  shows: showsOf(EMPTY_WALL),
  driven_by: { id: "p", name: "P" },
  driven_at: "2026-11-28T17:00:00Z",
};

const inSight = (): string =>
  wall.value.slots.slice(0, wall.value.layout).map((slot) => slot?.id ?? "-").join("");

beforeEach(() => {
  me.value = null as Me | null;
  driven.value = null;
  said.value = null;
  now.value = START;
  own.value = EMPTY_WALL;
  room.value = {
    ...EMPTY_ROOM,
    known: true,
    cameras: new Map(IDS.map((id, i) => [id, camera(id, i + 1)])),
    walls: new Map([["w", shared]]),
  };
});

test("a wall that was never hung is filled, and a tile that was freed stays free", () => {
  const stop = followRoom();
  assert.equal(inSight(), "abcd");

  changeWall((held) => put(held, 1, null));
  room.value = { ...room.value };
  stop();

  assert.equal(inSight(), "a-cd");
});

test("turns come with time, and stay in sight when they stop", () => {
  changeWall((held) => toggled(held, IDS, START));
  now.value = START + 10_000;
  assert.equal(inSight(), "efga");

  changeWall((held) => toggled(held, IDS, START + 10_000));

  assert.equal(inSight(), "efga");
});

test("what is hung by hand while cameras take turns leaves the rotation", () => {
  changeWall((held) => toggled(held, IDS, START));
  changeWall((held) => bring({ ...held, selected: 2 }, { kind: "camera", id: "g" }));
  assert.equal(inSight(), "abgc");
  now.value = START + 10_000;
  assert.equal(inSight(), "degf");

  changeWall((held) => put(held, 2, null));

  assert.deepEqual(wall.value.pinned, []);
});

test("a picture that is looked at alone does not turn, and takes its turn again afterwards", () => {
  changeWall((held) => toggled(held, IDS, START));
  changeWall(isolate);
  now.value = START + 10_000;
  assert.equal(wall.value.slots[0]?.id, "a");

  changeWall(isolate);

  assert.deepEqual(wall.value.pinned, []);
});

test("on a shared wall, what is hung is said to all, and what one looks at alone is not", () => {
  driven.value = "w";
  changeWall((held) => withLayout(held, 9));
  assert.equal(said.value?.id, "w");
  assert.equal(said.value?.shows.layout, 9);

  room.value = { ...room.value, walls: new Map([["w", { ...shared, shows: said.value!.shows }]]) };
  said.value = null;
  changeWall(isolate);

  assert.equal(said.value, null);
  assert.equal(wall.value.isolated, 0);
  assert.equal(own.value.layout, EMPTY_WALL.layout);
});

test("a shared wall that is taken out of use leaves the stage", () => {
  const stop = followRoom();
  driven.value = "w";
  room.value = { ...room.value, walls: new Map() };
  stop();

  assert.equal(driven.value, null);
});

test("what hangs next is known shortly before its turn, and nothing else is asked for", () => {
  own.value = toggled({ ...EMPTY_WALL, layout: 4 }, IDS, START);
  const next = (): string => upcoming.value.slice(0, 4).map((slot) => slot?.id).join("");
  assert.equal(next(), "");

  now.value = START + 8_000;
  assert.equal(next(), "efga");
  const before = upcoming.value;
  now.value = START + 9_000;
  assert.equal(upcoming.value, before);

  now.value = START + 10_000;
  assert.equal(inSight(), "efga");
  assert.equal(next(), "");
});
