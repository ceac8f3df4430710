/**
 * Which look belongs to the picture that is shown. A look comes later than its picture by the time
 * that looking takes: drawn over the newest picture, its boxes lie behind who walks.
 */

import type { Look } from "./looks.ts";

const TICKS_PER_S = 90_000;
/** An older look says nothing of a picture any more; and clocks further apart are not the same. */
const NEAR_S = 1;
const MOST_LOOKS = 30;

export class Pairing {
  #looks: Look[] = [];
  #pairedAt = -Infinity;

  /** A look has come, `at` ms; gives it back if no picture will ask for it. */
  came(look: Look, at: number): Look | null {
    this.#looks = [...this.#looks.slice(1 - MOST_LOOKS), look];
    return at - this.#pairedAt > NEAR_S * 1_000 ? look : null;
  }

  /** The look at this picture or at the one closest before it; null where none is near. */
  of(rtpTimestamp: number, at: number): Look | null {
    let best: Look | null = null;
    let least = NEAR_S * TICKS_PER_S;
    for (const look of this.#looks) {
      if (look.timestamp === null) continue;
      const ticks = (rtpTimestamp - look.timestamp) | 0; // both wrap at 32 bits
      if (ticks >= 0 && ticks <= least) [best, least] = [look, ticks];
    }
    if (best) this.#pairedAt = at;
    return best;
  }
}
