/**
 * Whose turn it is on a wall. Pure: every window and every wall computer works out the same from
 * what the wall shows, the server's time and the alerts, so none has to tell the others.
 */

import type { Id, Rotation } from "../../shared/types.ts";
import type { Slot, Wall } from "./placement.ts";

export interface Alarm {
  cameraId: Id;
  raisedAt: number;
  /** Nobody has decided yet: the rotation pauses for it. */
  waits: boolean;
}

export interface Turn {
  slots: readonly Slot[];
  /** The slots that take turns. */
  turning: ReadonlySet<number>;
  paused: boolean;
  /** Whole seconds until the next turn; null when nothing turns. */
  next_s: number | null;
  /** The instant of the next turn, in ms since the epoch. */
  next_at: number | null;
}

export const DWELLS_S = [5, 10, 15, 20, 30, 60, 120, 300] as const;

export function isTurning(wall: Wall): boolean {
  return wall.rotation !== null && wall.rotation.started_at !== null;
}

/** Begin with the first cameras of the list, or stop where it is. */
export function toggled(wall: Wall, list: readonly Id[], at: number): Wall {
  const rotation = wall.rotation ?? { camera_ids: list, dwell_s: 10, started_at: null };
  return { ...wall, rotation: { ...rotation, started_at: isTurning(wall) ? null : at } };
}

/** One turn on or back, at once. */
export function shifted(wall: Wall, by: 1 | -1): Wall {
  const { rotation } = wall;
  if (rotation === null || rotation.started_at === null) return wall;
  const started_at = Math.max(0, rotation.started_at - by * rotation.dwell_s * 1000);
  return { ...wall, rotation: { ...rotation, started_at } };
}

/** What hangs at `at`. An alert pauses the turns, and its camera stays until it is closed. */
export function turnOf(
  wall: Wall,
  given: { at: number; alarms: readonly Alarm[]; exists: (id: Id) => boolean },
): Turn {
  const { rotation } = wall;
  const still: Turn = { slots: wall.slots, turning: new Set(), paused: false, next_s: null, next_at: null };
  if (rotation === null || rotation.started_at === null) return still;
  const inSight = [...wall.slots.slice(0, wall.layout).keys()];
  const free = inSight.filter((slot) => !isHeld(wall, slot));
  const held = new Set(
    inSight.filter((slot) => !free.includes(slot)).map((slot) => wall.slots[slot]?.id),
  );
  const list = [...new Set(rotation.camera_ids)].filter((id) => given.exists(id) && !held.has(id));
  if (free.length === 0 || list.length === 0) return still;
  const alarms = given.alarms
    .filter(({ cameraId }) => list.includes(cameraId) || held.has(cameraId))
    .toSorted((a, b) => a.raisedAt - b.raisedAt);
  const waiting = alarms.find(({ waits }) => waits);
  const time = Math.max(rotation.started_at, waiting ? Math.min(waiting.raisedAt, given.at) : given.at);
  const decided = alarms.filter(({ waits }) => !waits);
  const going = goingTurn(list, free.length, stepAt(rotation, time), decided, rotation);
  const hung = waiting ? pausedTurn(going, list, alarms) : going;
  const slots = [...wall.slots].map((slot, i) => (isShownIn(hung, free, i, slot) ? null : slot));
  free.forEach((slot, i) => {
    const id = hung[i];
    slots[slot] = id === undefined ? null : { kind: "camera", id };
  });
  const turns = list.length > free.length;
  const dwell = rotation.dwell_s * 1000;
  const left = dwell - ((given.at - rotation.started_at) % dwell);
  const isGoing = turns && waiting === undefined;
  return {
    slots,
    turning: new Set(free),
    paused: turns && waiting !== undefined,
    next_s: isGoing ? Math.ceil(left / 1000) : null,
    next_at: isGoing ? given.at + left : null,
  };
}

function isHeld(wall: Wall, slot: number): boolean {
  return wall.pinned.includes(slot) || wall.slots[slot]?.kind === "stream";
}

/** A camera that has its turn does not hang out of sight as well. */
function isShownIn(hung: readonly Id[], free: readonly number[], i: number, slot: Slot): boolean {
  return slot?.kind === "camera" && !free.includes(i) && hung.includes(slot.id);
}

function stepAt(rotation: Rotation, at: number): number {
  return Math.floor((at - (rotation.started_at ?? at)) / (rotation.dwell_s * 1000));
}

/** The cameras of one step, a screenful on from those of the step before. */
function page(list: readonly Id[], count: number, step: number): Id[] {
  if (list.length <= count) return [...list];
  const first = (step * count) % list.length;
  return Array.from({ length: count }, (_, i) => list[(first + i) % list.length] as Id);
}

/** Everything stays as it hung when the alert came; its camera comes in where it did not hang. */
function pausedTurn(going: readonly Id[], list: readonly Id[], alarms: readonly Alarm[]): Id[] {
  const hung = [...going];
  const alarmed = new Set(alarms.map(({ cameraId }) => cameraId));
  for (const id of alarmed) {
    if (hung.includes(id) || !list.includes(id)) continue;
    const giving = hung.findLastIndex((one) => !alarmed.has(one));
    if (giving !== -1) hung[giving] = id;
  }
  return hung;
}

/** Alerts that somebody has decided keep their places; the others take turns beside them. */
function goingTurn(
  list: readonly Id[],
  count: number,
  step: number,
  alarms: readonly Alarm[],
  rotation: Rotation,
): Id[] {
  const places = new Map<number, Id>();
  for (const { cameraId, raisedAt } of alarms) {
    if (!list.includes(cameraId) || [...places.values()].includes(cameraId)) continue;
    const then = page(list, count, Math.max(0, stepAt(rotation, raisedAt))).indexOf(cameraId);
    const free = Array.from({ length: count }, (_, i) => i).filter((i) => !places.has(i));
    const place = free.includes(then) ? then : free.at(-1);
    if (place !== undefined) places.set(place, cameraId);
  }
  const others = list.filter((id) => ![...places.values()].includes(id));
  const turn = page(others, count - places.size, step);
  return Array.from({ length: count }, (_, i) => places.get(i) ?? turn.shift()).filter(
    (id) => id !== undefined,
  );
}
