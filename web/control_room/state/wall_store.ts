/** The wall of this desk, or the shared one that it drives, following what appears and what ends. */

import { computed, effect, signal } from "@preact/signals";
import { keep, kept } from "../../shared/store.ts";
import { now, serverNow } from "../../shared/time.ts";
import type { Id, SharedWall, Shows } from "../../shared/types.ts";
import { isOpen, rank } from "./queue.ts";
import { alerts, cameras, room, streams } from "./store.ts";
import {
  appear,
  EMPTY_WALL,
  fill,
  hanging,
  prune,
  restored,
  showsOf,
  type Wall,
} from "../wall/placement.ts";
import { isTurning, turnOf, type Alarm, type Turn } from "../wall/rotation.ts";

/** The wall of this desk, as this browser keeps it. */
export const own = signal<Wall>(restored(kept<unknown>("wall", null)));
/** The shared wall that stands on the stage instead, to be driven; null: the desk's own. */
export const driven = signal<Id | null>(null);
/** What this desk said last of a shared wall, to be sent on. */
export const said = signal<{ id: Id; shows: Shows } | null>(null);
/** On a shared wall, this desk's own selection and the picture that it alone looks at large. */
const selectedThere = signal(0);
const isolatedThere = signal<number | null>(null);

export const sharedWall = computed<SharedWall | null>(
  () => (driven.value && room.value.walls.get(driven.value)) || null,
);

/** What hangs when nothing takes turns. */
const hung = computed<Wall>(() => {
  if (driven.value === null) return own.value;
  const shared = sharedWall.value;
  if (!shared) return EMPTY_WALL;
  const there = hanging(shared.shows, selectedThere.value);
  const isolated = isolatedThere.value;
  return { ...there, isolated: isolated !== null && isolated < there.layout ? isolated : null };
});

/** Alerts by the camera that saw them; a raised one waits for somebody to decide. */
const alarms = computed<Alarm[]>(() =>
  alerts.value.filter(isOpen).flatMap((alert) => {
    const { camera_id: cameraId, raised_at } = alert;
    if (cameraId === null) return [];
    return [{ cameraId, raisedAt: Date.parse(raised_at), waits: rank(alert) <= 1 }];
  }),
);

function turnAt(at: number): Turn {
  const known = room.value.cameras;
  return turnOf(hung.value, { at, alarms: alarms.value, exists: (id) => known.has(id) });
}

export const turn = computed<Turn>(() => turnAt(isTurning(hung.value) ? now.value : 0));

let shown: Wall | null = null;
/** The wall as it is in sight: with whoever's turn it is. The same object while nothing changes. */
export const wall = computed<Wall>(() => {
  const slots = turn.value.slots;
  const before = shown;
  if (before && isSameAs(before, hung.value) && isSameSlots(before.slots, slots)) return before;
  shown = { ...hung.value, slots };
  return shown;
});

function isSameAs(a: Wall, b: Wall): boolean {
  return (
    a.layout === b.layout &&
    a.selected === b.selected &&
    a.isolated === b.isolated &&
    a.pinned === b.pinned &&
    a.rotation === b.rotation
  );
}

function isSameSlots(a: Wall["slots"], b: Wall["slots"]): boolean {
  return a.every((slot, i) => slot?.id === b[i]?.id);
}

/** Pictures are asked for this long before their turn, so that it finds them live. */
const AHEAD_S = 3;
const NONE: Wall["slots"] = [];
let expected = NONE;
/** What hangs when the next turn comes, shortly before it does; empty otherwise. */
export const upcoming = computed<Wall["slots"]>(() => {
  const { next_s, next_at } = turn.value;
  if (next_s === null || next_s > AHEAD_S || next_at === null) return (expected = NONE);
  const { slots } = turnAt(next_at);
  if (expected.length > 0 && isSameSlots(expected, slots)) return expected;
  return (expected = slots);
});

/** What somebody at this desk wants of the wall on its stage. */
export function changeWall(change: (wall: Wall) => Wall): void {
  const before = wall.peek();
  const next = pinned(before, change(before));
  if (next === before) return;
  if (driven.peek() === null) {
    own.value = next;
    return;
  }
  const shared = sharedWall.peek();
  if (!shared) return;
  selectedThere.value = next.selected;
  isolatedThere.value = next.isolated;
  const shows = { ...showsOf(next), isolated: null };
  if (JSON.stringify(shows) === JSON.stringify({ ...showsOf(before), isolated: null })) return;
  said.value = { id: shared.id, shows };
}

/** What is hung by hand while cameras take turns stays: its slot leaves the rotation. */
function pinned(before: Wall, next: Wall): Wall {
  if (next === before || !isTurning(before) || !isTurning(next)) return next;
  if (before.layout !== next.layout) return next;
  const pins = new Set(next.pinned);
  for (let slot = 0; slot < next.layout; slot += 1) {
    if (next.slots[slot]?.id === before.slots[slot]?.id) continue;
    if (next.slots[slot]) pins.add(slot);
    else pins.delete(slot);
  }
  // Alone, it stays what it is; back among the others, it takes its turns again.
  if (next.isolated !== null && before.isolated === null) pins.add(next.isolated);
  if (next.isolated === null && before.isolated !== null) pins.delete(before.isolated);
  return { ...next, pinned: [...pins] };
}

/** The server's time, for what begins now. */
export const startNow = (): number => Math.round(serverNow());

/** Keep the wall in step with what there is, until the returned function is called. */
export function followRoom(): () => void {
  const seen = new Set<string>();
  const stops = [
    effect(() => {
      if (!room.value.known) return;
      const known = new Set(cameras.value.map(({ id }) => id));
      const live = new Set(streams.value.map(({ id }) => id));
      const needed = new Set(alarms.value.map(({ cameraId }) => cameraId));
      const held = own.peek();
      let next = prune(held, ({ kind, id }) => (kind === "camera" ? known : live).has(id));
      // A free tile stays free: only a wall that was never hung is filled.
      const isNew = next.slots.every((slot) => slot?.kind !== "camera");
      if (isNew && !isTurning(next)) next = fill(next, [...known]);
      // A stream appears by itself once; who takes it off the wall meant it.
      for (const id of live) if (!seen.has(id)) next = appear(next, id, needed);
      for (const id of live) seen.add(id);
      own.value = next;
    }),
    effect(() => keep("wall", showsOf(own.value))),
    // A shared wall that was taken out of use leaves the stage.
    effect(() => {
      if (room.value.known && driven.value && !room.value.walls.has(driven.value)) {
        driven.value = null;
      }
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
