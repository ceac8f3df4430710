/** Who waits for whom: pictures that are kept in step stand while one of them loads. Pure. */

/** A moment of loading is not seen, and nobody waits for it. */
const WAITS_AFTER_MS = 250;
/** So long the others wait for one; then they go on without it. Of a single picture one waits for ever. */
export const WAITS_FOR_MS = 4_000;

export interface Follower {
  /** For how long it has been loading; null: it is not. */
  loading_ms: number | null;
  /** The others have gone on without it already. */
  isLate: boolean;
}

/** Whether the clock stands; and which of `followers` it has waited for long enough. */
export function waiting(
  followers: readonly Follower[],
  isHeld: boolean,
): { stands: boolean; late: readonly number[] } {
  const late: number[] = [];
  let stands = false;
  followers.forEach(({ loading_ms, isLate }, i) => {
    if (loading_ms === null || isLate) return;
    if (followers.length > 1 && loading_ms > WAITS_FOR_MS) late.push(i);
    // Once it stands it goes on when the picture is there, not when the moment is over.
    else if (isHeld || loading_ms > WAITS_AFTER_MS) stands = true;
  });
  return { stands, late };
}
