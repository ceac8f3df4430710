/** Fixes: which are worth keeping, and how they travel. Pure. */

import { distanceM } from "../../shared/geo.ts";
import type { Id, Instant, Position } from "../../shared/types.ts";

export interface Fix extends Position {
  id: Id;
}

/** A server takes at most this many at once. */
export const BATCH = 500;
/** A night in a cellar at one fix each two seconds; then the oldest go. */
export const MOST_KEPT = 15_000;
const SOONEST_MS = 2_000;
const STILL_MS = 10_000;
const MOVED_M = 5;
/** Slower than this a receiver's heading is noise, and a standing phone turns by itself. */
const MOVING_MPS = 0.8;

/** Keep a fix when the phone moved, or when the last one grows old. */
export function isWorthKeeping(last: Position | null, next: Position): boolean {
  if (!last) return true;
  const ms = Date.parse(next.fixed_at) - Date.parse(last.fixed_at);
  if (ms < SOONEST_MS) return false;
  return ms >= STILL_MS || distanceM(last.point, next.point) >= MOVED_M;
}

export function fixOf(position: GeolocationPosition, id: Id): Fix {
  const { longitude, latitude, accuracy, heading, speed } = position.coords;
  const finite = (value: number | null): number | null =>
    value !== null && Number.isFinite(value) ? value : null;
  const degrees = finite(heading);
  const isMoving = (finite(speed) ?? 0) >= MOVING_MPS;
  return {
    id,
    point: { type: "Point", coordinates: [longitude, latitude] },
    fixed_at: new Date(position.timestamp).toISOString(),
    accuracy_m: finite(accuracy),
    heading_deg: degrees !== null && isMoving ? ((degrees % 360) + 360) % 360 : null,
    speed_mps: finite(speed),
  };
}

/** `sent_at` is this phone's clock: an old fix is late, or the clock is wrong. */
export function batchOf(fixes: readonly Fix[], sent_at: Instant): { positions: Fix[]; sent_at: Instant } {
  return { positions: fixes.slice(0, BATCH), sent_at };
}
