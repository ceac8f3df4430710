/** Which key asks for what. Pure: the page decides what to do with it. */

export type Command =
  | "help"
  | "search"
  | "leave"
  | "undo"
  | "queue-up"
  | "queue-down"
  | "go-on"
  | "dismiss"
  | "units"
  | "picture"
  | "swap"
  | "board"
  | "new"
  | "isolate"
  | "raise"
  | "tile-up"
  | "tile-down"
  | "tile-left"
  | "tile-right"
  | "mute"
  | "rotation"
  | "turn-on"
  | "turn-back"
  | "pin"
  | "empty"
  | "fill"
  | "more-pictures"
  | "fewer-pictures"
  | "statistics"
  | "steer"
  | "speak"
  | "wall-settings"
  | "own-window"
  | "look-back"
  | "look-back-all"
  | { digit: number };

/** The part of a `KeyboardEvent` that decides. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  repeat: boolean;
}

export type Where =
  /** In a field, where letters are text. */
  | "field"
  /** On a button or link, which has its own Enter. */
  | "control"
  /** On the map, whose arrows move it. */
  | "map"
  /** On a tile of the wall. */
  | "wall"
  | "elsewhere";

const LETTERS: Record<string, Command> = {
  "?": "help",
  "/": "search",
  z: "undo",
  u: "units",
  i: "picture",
  m: "swap",
  b: "board",
  n: "new",
  f: "isolate",
  a: "raise",
  s: "mute",
  c: "rotation",
  p: "pin",
  g: "fill",
  d: "statistics",
  v: "steer",
  h: "speak",
  w: "wall-settings",
  o: "own-window",
  t: "look-back",
  "+": "more-pictures",
  "-": "fewer-pictures",
};

/** Keys of the wall that are no letters, so that they work with letters switched off too. */
const WALL_KEYS: Record<string, Command> = {
  PageDown: "turn-on",
  PageUp: "turn-back",
  Delete: "empty",
};

const WALL_ARROWS: Record<string, Command> = {
  ArrowUp: "tile-up",
  ArrowDown: "tile-down",
  ArrowLeft: "tile-left",
  ArrowRight: "tile-right",
};

/** What this press asks for here; null when it is not ours. `letters` off: WCAG 2.1.4. */
export function commandOf(press: Press, where: Where, letters = true): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  if (press.key === "Escape") return "leave";
  if (where === "field") return null;
  if (where === "wall" && press.key in WALL_ARROWS) return WALL_ARROWS[press.key] as Command;
  if (where !== "map") {
    if (press.key === "ArrowUp") return "queue-up";
    if (press.key === "ArrowDown") return "queue-down";
  }
  // A key held down must not confirm and then send.
  if (press.repeat) return null;
  if (where !== "map" && where !== "control") {
    if (press.key === "Enter") return "go-on";
    if (press.key === "Backspace") return "dismiss";
  }
  if (where !== "map" && press.key in WALL_KEYS) return WALL_KEYS[press.key] as Command;
  // The map zooms with these.
  if (where === "map" && (press.key === "+" || press.key === "-")) return null;
  if (!letters) return null;
  if (/^[0-9]$/.test(press.key)) return { digit: Number(press.key) };
  if (press.shiftKey && press.key === "T") return "look-back-all";
  return LETTERS[press.key.toLowerCase()] ?? null;
}
