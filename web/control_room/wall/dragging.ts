/** Pictures are dragged from the map, from lists and from tiles onto tiles, also between windows. */

import { signal } from "@preact/signals";
import { changeWall } from "../state/wall_store.ts";
import { placeOf, put, select, swap, type Shown } from "./placement.ts";

export type Dragged = Shown;

const TYPE = "application/x-ilotier-picture";

/** True while a picture is dragged in this window: what can take it, shows itself. */
export const dragging = signal(false);

export function dragShown(event: DragEvent, shown: Shown): void {
  if (!event.dataTransfer) return;
  event.dataTransfer.setData(TYPE, JSON.stringify(shown));
  event.dataTransfer.effectAllowed = "copyMove";
  // After the browser has taken its picture of what is dragged.
  setTimeout(() => (dragging.value = true));
  event.target?.addEventListener("dragend", () => (dragging.value = false), { once: true });
}

/** What a place that takes a picture listens to; the one below the pointer shows itself. */
export function takesDrop(slot: number): DropTarget {
  return {
    onDragOver: (event) => {
      if (!event.dataTransfer?.types.includes(TYPE)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      (event.currentTarget as HTMLElement).dataset["over"] = "";
    },
    onDragLeave: (event) => notOver(event),
    onDrop: (event) => {
      notOver(event);
      dropOn(event, slot);
    },
  };
}

type DropTarget = Record<"onDragOver" | "onDragLeave" | "onDrop", (event: DragEvent) => void>;

function notOver(event: DragEvent): void {
  delete (event.currentTarget as HTMLElement).dataset["over"];
}

function dropOn(event: DragEvent, slot: number): void {
  const shown = shownIn(event.dataTransfer?.getData(TYPE) ?? "");
  dragging.value = false;
  if (!shown) return;
  event.preventDefault();
  hang(shown, slot);
}

/** Hang it there; what hangs on the wall already changes places. */
export function hang(shown: Shown, slot: number): void {
  changeWall((wall) => {
    const from = placeOf(wall, shown);
    const isInSight = from !== -1 && from < wall.layout;
    return isInSight ? swap(wall, from, slot) : select(put(wall, slot, shown), slot);
  });
}

function shownIn(text: string): Shown | null {
  try {
    const { kind, id } = JSON.parse(text) as Partial<Shown>;
    const isOne = (kind === "camera" || kind === "stream") && typeof id === "string";
    return isOne ? { kind, id } : null;
  } catch {
    return null; // dragged from elsewhere
  }
}
