/** Which key asks for what while recordings are looked at. Pure: the page decides what to do. */

import type { Press } from "../keyboard/keys.ts";
import type { Arrow } from "./compass.ts";

export type PlayCommand =
  | { do: "pause" | "forward" | "backward" | "faster" | "slower" | "play-or-pause" }
  | { do: "step"; by: 1 | -1 }
  | { do: "jump"; by_s: number }
  | { do: "first" | "last" | "next-mark" | "previous-mark" }
  | { do: "zoom"; factor: number }
  | { do: "neighbour"; arrow: Arrow }
  | { do: "back" | "leave" | "find" | "mark-in" | "mark-out" | "hold" | "clip" | "still" | "add" }
  | { do: "next-picture" };

/** Where the focus is: in a field letters are text, on the timeline the arrows move the time. */
export type PlayWhere = "field" | "control" | "timeline" | "stage";

const ARROW_KEYS: Record<string, Arrow> = {
  ArrowUp: "up",
  ArrowRight: "right",
  ArrowDown: "down",
  ArrowLeft: "left",
};
const JUMP_S = 10;
const LONG_JUMP_S = 60;

const LETTERS: Record<string, PlayCommand> = {
  k: { do: "pause" },
  l: { do: "forward" },
  j: { do: "backward" },
  "<": { do: "slower" },
  ">": { do: "faster" },
  ",": { do: "step", by: -1 },
  ".": { do: "step", by: 1 },
  ";": { do: "step", by: 1 },
  i: { do: "mark-in" },
  o: { do: "mark-out" },
  h: { do: "hold" },
  e: { do: "clip" },
  p: { do: "still" },
  g: { do: "find" },
  x: { do: "add" },
  v: { do: "next-picture" },
  r: { do: "next-mark" },
  "+": { do: "zoom", factor: 0.5 },
  "-": { do: "zoom", factor: 2 },
};

/** Keys that are no letters: they work with single letters switched off too (WCAG 2.1.4). */
const OTHERS: Record<string, PlayCommand> = {
  Home: { do: "first" },
  End: { do: "last" },
  PageUp: { do: "jump", by_s: -LONG_JUMP_S },
  PageDown: { do: "jump", by_s: LONG_JUMP_S },
  Backspace: { do: "back" },
};

/** What this press asks for; null: it is not ours, and the room's keys may have it. */
export function playCommandOf(press: Press, where: PlayWhere, letters = true): PlayCommand | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  if (press.key === "Escape") return { do: "leave" };
  if (where === "field") return null;
  const arrow = ARROW_KEYS[press.key];
  if (arrow) return ofArrow(arrow, press, where);
  const other = OTHERS[press.key];
  if (other) return other;
  if (press.key === " ") return where === "control" ? null : { do: "play-or-pause" };
  if (!letters) return null;
  if (press.shiftKey && press.key.toLowerCase() === "r") return { do: "previous-mark" };
  const command = LETTERS[press.key.toLowerCase()] ?? null;
  // A key held down steps on and on; it does not open the same dialog again and again.
  if (press.repeat && command && !REPEATED.has(command.do)) return null;
  return command;
}

const REPEATED = new Set<PlayCommand["do"]>(["step", "zoom"]);

function ofArrow(arrow: Arrow, press: Press, where: PlayWhere): PlayCommand | null {
  const way = arrow === "right" || arrow === "up" ? 1 : -1;
  if (where === "timeline" || (press.shiftKey && (arrow === "left" || arrow === "right"))) {
    return { do: "jump", by_s: way * JUMP_S };
  }
  if (press.shiftKey) return { do: "jump", by_s: way * LONG_JUMP_S };
  // Held down, an arrow would run through the town.
  return press.repeat ? null : { do: "neighbour", arrow };
}
