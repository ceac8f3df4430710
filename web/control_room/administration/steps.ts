/** What is drawn and not saved yet, with the way back. Pure. */

export interface Steps<T> {
  before: readonly T[];
  now: T;
  after: readonly T[];
  /** A drag has begun: what it changes further is one step with it. */
  moving: boolean;
}

const MOST = 100;

export const begin = <T>(now: T): Steps<T> => ({ before: [], now, after: [], moving: false });

/** `moving`: more of the same will come, and going back undoes all of it at once. */
export function change<T>(steps: Steps<T>, now: T, moving = false): Steps<T> {
  const before = steps.moving ? steps.before : [...steps.before, steps.now].slice(-MOST);
  return { before, now, after: [], moving };
}

export function undo<T>(steps: Steps<T>): Steps<T> {
  const former = steps.before.at(-1);
  if (former === undefined) return steps;
  const after = [steps.now, ...steps.after];
  return { before: steps.before.slice(0, -1), now: former, after, moving: false };
}

export function redo<T>(steps: Steps<T>): Steps<T> {
  const [next, ...after] = steps.after;
  if (next === undefined) return steps;
  return { before: [...steps.before, steps.now], now: next, after, moving: false };
}

/** What Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y do, where no text is being written. */
export function stepOfKey(event: KeyboardEvent): typeof undo | null {
  if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? redo : undo;
  return key === "y" ? redo : null;
}
