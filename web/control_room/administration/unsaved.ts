/** What was drawn and not saved when its dialog went: it is there when the dialog is opened again. */

import { useEffect, useRef, useState } from "preact/hooks";
import { begin, type Steps } from "./steps.ts";

interface Unsaved {
  /** What was saved when the drawing began, in writing. */
  on: string;
  steps: Steps<unknown>;
}

/** By what is drawn, as "rules ID"; for as long as the page lives, one for each camera at most. */
const unsaved = new Map<string, Unsaved>();

/** Keep what is not saved; `null`: there is nothing to keep any more. */
export function keepUnsaved<T>(what: string, saved: T, steps: Steps<T> | null): void {
  const isChanged = steps !== null && written(steps.now) !== written(saved);
  if (isChanged) unsaved.set(what, { on: written(saved), steps });
  else unsaved.delete(what);
}

/** What was kept; null when there is none, or when another has saved since. */
export function unsavedOf<T>(what: string, saved: T): Steps<T> | null {
  const kept = unsaved.get(what);
  return kept?.on === written(saved) ? (kept.steps as Steps<T>) : null;
}

export interface Draft<T> {
  steps: Steps<T>;
  put: (steps: Steps<T>) => void;
  /** Nothing has been done yet to what was found again. */
  isFound: boolean;
  /** It was saved as `saved`, and goes on from there. */
  goOn: (saved: T) => void;
  /** It was saved, or given up. */
  drop: () => void;
}

export function useDraft<T>(what: string, saved: T): Draft<T> {
  const [found] = useState(() => unsavedOf(what, saved));
  const [steps, put] = useState<Steps<T>>(() => found ?? begin(saved));
  const left = useRef<Steps<T> | null>(steps);
  left.current = left.current && steps;
  const on = useRef(saved);
  useEffect(() => () => keepUnsaved(what, on.current, left.current), []);
  const goOn = (now: T): void => {
    on.current = now;
    put(begin(now));
  };
  const drop = (): void => {
    left.current = null;
  };
  return { steps, put, isFound: steps === found, goOn, drop };
}

const written = (what: unknown): string => JSON.stringify(what);
