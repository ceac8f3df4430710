/** The one clock that all pictures of a playback keep: a time of day, and how fast it goes. Pure.
 *
 * Times of day are ms since the epoch; `now` is a clock of the machine that only goes forward, in ms.
 */

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
const FASTEST = 16;
const SLOWEST = 0.25;

export interface Clock {
  /** The time of day when the machine's clock said `since`. */
  readonly at: number;
  readonly since: number;
  /** Seconds of the day a second; negative: backwards; 0: it stands. */
  readonly rate: number;
  /** It stands until the pictures are there, and goes on with `rate` then. */
  readonly held: boolean;
}

export const standing = (at: number, now: number): Clock => ({
  at,
  since: now,
  rate: 0,
  held: false,
});

export function timeOf(clock: Clock, now: number): number {
  return clock.held ? clock.at : clock.at + clock.rate * (now - clock.since);
}

export const withRate = (clock: Clock, rate: number, now: number): Clock => ({
  ...clock,
  at: timeOf(clock, now),
  since: now,
  rate,
});

export const put = (clock: Clock, at: number, now: number): Clock => ({ ...clock, at, since: now });

export function hold(clock: Clock, held: boolean, now: number): Clock {
  if (clock.held === held) return clock;
  return { ...clock, at: timeOf(clock, now), since: now, held };
}

/** `L`: forward, each press twice as fast. `J`: backward, likewise. */
export function forward(rate: number): number {
  return rate <= 0 ? 1 : Math.min(FASTEST, rate * 2);
}

export function backward(rate: number): number {
  return rate >= 0 ? -1 : Math.max(-FASTEST, rate * 2);
}

/** Twice or half as fast, the same way; 1 stays the middle. */
export function faster(rate: number): number {
  return Math.sign(rate || 1) * Math.min(FASTEST, Math.abs(rate || 1) * 2);
}

export function slower(rate: number): number {
  return Math.sign(rate || 1) * Math.max(SLOWEST, Math.abs(rate || 1) / 2);
}

/** How a playing picture comes back to the clock: a jump, or a little faster or slower for a while. */
export type Correction = { jump: true } | { jump: false; rate: number };

/** Seconds that a picture may be off before it jumps: at twice the speed, twice as much. */
const JUMPS_AT_S = 0.5;
/** What is not seen beside another picture: two frames of a camera. */
const IN_STEP_S = 0.06;
const MOST_CORRECTION = 0.12;

/** `behind_s`: how much the picture is behind the clock; `rate` > 0. */
export function correction(behind_s: number, rate: number): Correction {
  if (Math.abs(behind_s) > JUMPS_AT_S * Math.max(1, rate)) return { jump: true };
  if (Math.abs(behind_s) <= IN_STEP_S * Math.max(1, rate)) return { jump: false, rate };
  const most = MOST_CORRECTION * Math.max(1, rate);
  const more = Math.max(-most, Math.min(most, behind_s / 2));
  // A browser plays between 1/16 and 16.
  return { jump: false, rate: Math.min(FASTEST, rate + more) };
}
