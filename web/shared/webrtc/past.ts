/**
 * Tells pictures of the past from live ones, as they are presented. Who joins late is sent the last
 * keyframe and all pictures since, faster than they were taken; the relay gives them times that
 * hardly differ, so while their times stand still it is the past.
 */

/** What `requestVideoFrameCallback` says of a picture; nothing where a browser says nothing. */
export interface Presented {
  rtpTimestamp?: number | undefined;
  /** When its last packet came, on the clock of `performance.now`. */
  receiveTime?: number | undefined;
}

const TICKS_PER_MS = 90;
/** No camera takes pictures closer together than this. */
const LEAST_STEP_MS = 5;
/** Longer between arrival and screen: the decoder has more to work off. */
const LATE_MS = 120;
/** So many pictures in a row, live and in time: on a busy machine one may be chance. */
const ENOUGH = 2;
/** A picture that none has followed for this long is the newest there is. */
const ALONE_MS = 500;
/** Whatever is said, a picture is not held back for longer. */
const LONGEST_MS = 6_000;

export class Past {
  #firstAt: number | null = null;
  #newestAt: number | null = null;
  #before: { came: number; timestamp: number } | null = null;
  #inTime = 0;
  #over = false;

  /** A picture is presented, `at` on the clock of `performance.now`. */
  saw(at: number, { rtpTimestamp, receiveTime }: Presented): void {
    if (this.#over) return;
    if (rtpTimestamp === undefined || receiveTime === undefined) {
      this.#over = true;
      return;
    }
    this.decoded(at);
    this.#newestAt = at;
    const before = this.#before;
    this.#before = { came: receiveTime, timestamp: rtpTimestamp };
    if (before === null) return;
    const step = ((rtpTimestamp - before.timestamp) | 0) / TICKS_PER_MS;
    const moves = step >= LEAST_STEP_MS && step >= (receiveTime - before.came) / 2;
    this.#inTime = moves && at - receiveTime <= LATE_MS ? this.#inTime + 1 : 0;
    this.#over = this.#inTime >= ENOUGH;
  }

  /** A picture was decoded; one that nobody can see may be presented to nobody. */
  decoded(at: number): void {
    this.#firstAt ??= at;
    this.#newestAt ??= at;
  }

  /** Whether what is presented now is live; `now` as in `saw`. */
  isOver(now: number): boolean {
    if (this.#firstAt === null || this.#newestAt === null) return this.#over;
    this.#over ||= now - this.#newestAt > ALONE_MS || now - this.#firstAt > LONGEST_MS;
    return this.#over;
  }
}
