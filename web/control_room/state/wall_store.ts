/** The wall as this browser keeps it, following what appears and what ends. */

import { effect, signal } from "@preact/signals";
import { keep, kept } from "../../shared/store.ts";
import { isOpen } from "./queue.ts";
import { alerts, cameras, room, streams } from "./store.ts";
import { appear, fill, prune, restored, type Wall } from "../wall/placement.ts";

export const wall = signal<Wall>(restored(kept<unknown>("wall", null)));

export function changeWall(change: (wall: Wall) => Wall): void {
  wall.value = change(wall.peek());
}

/** Keep the wall in step with what there is, until the returned function is called. */
export function followRoom(): () => void {
  const seen = new Set<string>();
  const stops = [
    effect(() => {
      if (!room.value.known) return;
      const known = new Set(cameras.value.map(({ id }) => id));
      const live = new Set(streams.value.map(({ id }) => id));
      const needed = new Set(
        alerts.value.filter(isOpen).flatMap(({ camera_id }) => camera_id ?? []),
      );
      changeWall((held) => {
        let next = prune(held, ({ kind, id }) => (kind === "camera" ? known : live).has(id));
        next = fill(next, [...known]);
        // A stream appears by itself once; who takes it off the wall meant it.
        for (const id of live) if (!seen.has(id)) next = appear(next, id, needed);
        return next;
      });
      for (const id of live) seen.add(id);
    }),
    effect(() => keep("wall", { layout: wall.value.layout, slots: wall.value.slots })),
  ];
  return () => stops.forEach((stop) => stop());
}
