/** What is drawn and not saved yet, with the way back. Pure. */

import type { PicturePoints } from "../../../shared/types.ts";

export interface Draft {
  masks: readonly PicturePoints[];
  by_camera: boolean;
}

export interface Drafts {
  before: readonly Draft[];
  now: Draft;
  after: readonly Draft[];
  /** A drag has begun: what it changes further is one step with it. */
  moving: boolean;
}

const STEPS = 100;

export const begin = (now: Draft): Drafts => ({ before: [], now, after: [], moving: false });

/** `moving`: more of the same will come, and going back undoes all of it at once. */
export function change(drafts: Drafts, now: Draft, moving = false): Drafts {
  const before = drafts.moving ? drafts.before : [...drafts.before, drafts.now].slice(-STEPS);
  return { before, now, after: [], moving };
}

export function undo(drafts: Drafts): Drafts {
  const former = drafts.before.at(-1);
  if (!former) return drafts;
  const after = [drafts.now, ...drafts.after];
  return { before: drafts.before.slice(0, -1), now: former, after, moving: false };
}

export function redo(drafts: Drafts): Drafts {
  const [next, ...after] = drafts.after;
  if (!next) return drafts;
  return { before: [...drafts.before, drafts.now], now: next, after, moving: false };
}

/** A polygon has three corners at least. */
export const isFinished = (points: PicturePoints): boolean => points.length >= 3;
