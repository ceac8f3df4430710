/** Which picture hangs where on the wall. Pure: a wall goes in, a wall comes out. */

import type { Id, Rotation, Shows, Shown } from "../../shared/types.ts";

export type { Shown } from "../../shared/types.ts";
export type Slot = Shown | null;

export const LAYOUTS = [1, 4, 9, 16] as const;
export type Layout = (typeof LAYOUTS)[number];

/** What hangs, and which slot this desk's keys are about. */
export interface Wall extends Shows {
  layout: Layout;
  selected: number;
}

export const EMPTY_WALL: Wall = {
  layout: 4,
  slots: Array<Slot>(16).fill(null),
  selected: 0,
  isolated: null,
  pinned: [],
  rotation: null,
};

export function withLayout(wall: Wall, layout: Layout): Wall {
  return { ...wall, layout, isolated: null, selected: Math.min(wall.selected, layout - 1) };
}

/** Put `shown` into the slot; where it hung before becomes free, so nothing hangs twice. */
export function put(wall: Wall, slot: number, shown: Slot): Wall {
  const slots = wall.slots.map((held) => (shown && isSame(held, shown) ? null : held));
  slots[slot] = shown;
  return { ...wall, slots };
}

/**
 * Bring `shown` to the selected slot; if it hangs already, select it where it is. While one picture
 * is alone, it is this one.
 */
export function bring(wall: Wall, shown: Shown): Wall {
  const at = placeOf(wall, shown);
  const hangs = at !== -1 && at < wall.layout;
  const next = hangs ? { ...wall, selected: at } : put(wall, wall.selected, shown);
  return next.isolated === null ? next : { ...next, isolated: next.selected };
}

/** Fill free slots with cameras not shown yet, in their order. */
export function fill(wall: Wall, cameraIds: readonly Id[]): Wall {
  const shown = new Set(wall.slots.map((slot) => slot?.id));
  const waiting = cameraIds.filter((id) => !shown.has(id));
  if (waiting.length === 0 || !wall.slots.includes(null)) return wall;
  const slots = wall.slots.map((slot) => {
    const next = slot === null ? waiting.shift() : undefined;
    return next === undefined ? slot : ({ kind: "camera", id: next } as const);
  });
  return { ...wall, slots };
}

/** Fill the free tiles in sight with the cameras that do not hang there, in their order. */
export function fillSight(wall: Wall, cameraIds: readonly Id[]): Wall {
  const inSight = wall.slots.slice(0, wall.layout);
  const waiting = cameraIds.filter((id) => !inSight.some((slot) => slot?.id === id));
  return inSight.reduce((next: Wall, held, slot) => {
    const id = held === null ? waiting.shift() : undefined;
    return id === undefined ? next : put(next, slot, { kind: "camera", id });
  }, wall);
}

/** A patrol's stream takes a free slot, else the last one that nobody needs just now. */
export function appear(wall: Wall, streamId: Id, needed: ReadonlySet<Id>): Wall {
  const shown: Shown = { kind: "stream", id: streamId };
  const at = placeOf(wall, shown);
  if (at !== -1 && at < wall.layout) return wall;
  const visible = [...wall.slots.slice(0, wall.layout).keys()];
  const slot =
    visible.find((i) => wall.slots[i] === null) ??
    visible.findLast((i) => {
      const held = wall.slots[i];
      return i !== wall.selected && held?.kind === "camera" && !needed.has(held.id);
    }) ??
    visible.findLast((i) => i !== wall.selected) ??
    0;
  return put(wall, slot, shown);
}

/** Take away what is no longer there: ended streams, cameras put out of service. */
export function prune(wall: Wall, exists: (shown: Shown) => boolean): Wall {
  if (wall.slots.every((slot) => slot === null || exists(slot))) return wall;
  const slots = wall.slots.map((slot) => (slot && exists(slot) ? slot : null));
  const lone = wall.isolated !== null && slots[wall.isolated] === null;
  return { ...wall, slots, isolated: lone ? null : wall.isolated };
}

export function select(wall: Wall, slot: number): Wall {
  return { ...wall, selected: Math.max(0, Math.min(slot, wall.layout - 1)) };
}

/** Move the selection by arrow key in the grid. */
export function step(wall: Wall, direction: "up" | "down" | "left" | "right"): Wall {
  const columns = Math.sqrt(wall.layout);
  const by = { up: -columns, down: columns, left: -1, right: 1 }[direction];
  const to = wall.selected + by;
  const sameRow = Math.floor(to / columns) === Math.floor(wall.selected / columns);
  if (to < 0 || to >= wall.layout || (Math.abs(by) === 1 && columns > 1 && !sameRow)) return wall;
  return { ...wall, selected: to };
}

export function isolate(wall: Wall): Wall {
  return { ...wall, isolated: wall.isolated === null ? wall.selected : null };
}

export function placeOf(wall: Wall, shown: Shown): number {
  return wall.slots.findIndex((slot) => isSame(slot, shown));
}

function isSame(slot: Slot, shown: Shown): boolean {
  return slot?.kind === shown.kind && slot.id === shown.id;
}

/** Keep the picture of the selected slot where it is, or let it take its turn again. */
export function pin(wall: Wall): Wall {
  const { selected, pinned } = wall;
  if (pinned.includes(selected)) {
    return { ...wall, pinned: pinned.filter((slot) => slot !== selected) };
  }
  return wall.slots[selected] ? { ...wall, pinned: [...pinned, selected] } : wall;
}

/** The next larger layout, or the next smaller one. */
export function resized(wall: Wall, by: 1 | -1): Wall {
  const next = LAYOUTS[LAYOUTS.indexOf(wall.layout) + by];
  return next === undefined ? wall : withLayout(wall, next);
}

/** Exchange what hangs in two slots, as a picture that is dragged onto another does. */
export function swap(wall: Wall, from: number, to: number): Wall {
  const slots = [...wall.slots];
  [slots[from], slots[to]] = [wall.slots[to] ?? null, wall.slots[from] ?? null];
  return { ...wall, slots, selected: to };
}

/** The part that others see: a shared wall, or a layout that is kept. */
export function showsOf(wall: Wall): Shows {
  const { layout, slots, isolated, pinned, rotation } = wall;
  return { layout, slots, isolated, pinned, rotation };
}

/** A wall as somebody else said it, with this desk's own selection. */
export function hanging(shows: Shows, selected: number): Wall {
  const layout = shows.layout as Layout;
  return { ...shows, layout, selected: Math.max(0, Math.min(selected, layout - 1)) };
}

/** A wall as it was kept, or the empty one when what was kept is not a wall. */
export function restored(kept: unknown): Wall {
  const wall = kept as Partial<Wall> | null;
  const isWall =
    wall !== null &&
    typeof wall === "object" &&
    LAYOUTS.includes(wall.layout as Layout) &&
    Array.isArray(wall.slots) &&
    wall.slots.length === 16;
  if (!isWall) return EMPTY_WALL;
  const slots = (wall.slots as Slot[]).map((slot) => (slot?.kind === "camera" ? slot : null));
  const { pinned = [], rotation = null } = wall;
  return { ...EMPTY_WALL, layout: wall.layout as Layout, slots, pinned, rotation: rotation as Rotation | null };
}
