/** One source that is looked back on: leave to its hours, its player, and what its timeline shows. */

import { signal } from "@preact/signals";
import { Problem } from "../../shared/problem.ts";
import { serverNow } from "../../shared/time.ts";
import type { Id, Shown } from "../../shared/types.ts";
import { openPlayback, playlistOf, recordedOf, type Leave, type Recorded } from "./api.ts";
import { nearestRecorded } from "./pieces.ts";
import { lacking, Player, type Standing } from "./player.ts";
import { WIDEST_MS, type Span } from "./timeline.ts";

const MINUTE = 60_000;
/** Hours are asked for around the time in question: more of them make a longer playlist. */
const BEFORE_MS = 30 * MINUTE;
const AFTER_MS = 90 * MINUTE;
/** What is recorded just now is asked for again this often, while it is looked at. */
const GROWS_EVERY_MS = 5_000;
const ASKS_AGAIN_MS = 5_000;

export class Watched {
  readonly key: string;
  readonly shown: Shown;
  readonly leave = signal<Leave | null>(null);
  readonly problem = signal<Problem | null>(null);
  readonly standing = signal<Standing>("loading");
  readonly recorded = signal<Recorded | null>(null);
  /** What the disk does not give as it was recorded, as far as one has come to it. */
  readonly damaged = signal<readonly Span[]>([]);
  /** Grows when the same hours are to be read anew: there is more of them. */
  readonly reads = signal(0);
  /** It kept the others waiting for long enough: they go on without it. */
  isLate = false;
  /** Since when it is loading; null: it is not. */
  loadingSince: number | null = null;
  #player: Player | null = null;
  #opening = false;
  #readAt = 0;
  #asking: Span | null = null;
  #asksAgainAt = 0;

  constructor(shown: Shown) {
    this.shown = shown;
    this.key = `${shown.kind}:${shown.id}`;
  }

  get player(): Player | null {
    return this.#player;
  }

  /** Have leave for `at`. `why` gives the motive, or the playback whose motive goes on. */
  async open(at: number, why: { motive: string; continues: Id | null }): Promise<void> {
    if (this.#opening) return;
    this.#opening = true;
    try {
      const hours = { from: at - BEFORE_MS, to: at + AFTER_MS };
      this.leave.value = await openPlayback(this.shown, hours, why);
      this.problem.value = null;
    } catch (error) {
      this.problem.value = Problem.of(error);
    } finally {
      this.#opening = false;
    }
  }

  /** Ask anew, as if nothing had been refused. */
  again(): void {
    this.problem.value = null;
    this.leave.value = null;
    this.loadingSince = null;
  }

  #isDamaged(at: number): boolean {
    return this.damaged.peek().some(({ from, to }) => at >= from && at < to);
  }

  covers(at: number): boolean {
    const leave = this.leave.peek();
    return leave !== null && at >= leave.from && at < leave.to;
  }

  /** A player in `video`, until the function that is given back is called. */
  play(video: HTMLVideoElement, wanted: () => number): () => void {
    const leave = this.leave.peek();
    if (!leave) return () => {};
    this.#readAt = serverNow();
    const player = new Player({
      video,
      url: playlistOf(leave, lacking()),
      wanted,
      onChange: () => {
        // Nothing recorded in these hours is a hole, and no fault.
        if (player.problem?.code !== "not-recorded") this.problem.value = player.problem;
      },
      onDamaged: (span) => {
        if (this.#isDamaged(span.from)) return; // known since the hours were read before
        this.damaged.value = [...this.damaged.peek(), span];
      },
    });
    this.#player = player;
    return () => {
      player.stop();
      if (this.#player === player) this.#player = null;
    };
  }

  follow(at: number, rate: number): Standing {
    const said = this.#standing(at, rate);
    if (said === "loading") this.loadingSince ??= performance.now();
    else {
      this.loadingSince = null;
      if (said === "there") this.isLate = false;
    }
    if (this.standing.peek() !== said) this.standing.value = said;
    return said;
  }

  #standing(at: number, rate: number): Standing {
    if (this.problem.peek()) return "failed";
    const player = this.#player;
    if (!player || !this.covers(at)) return "loading";
    const isEmpty = player.problem?.code === "not-recorded";
    const said = isEmpty ? "gap" : player.follow(at, rate);
    if (said === "gap" && this.#mayHaveGrown(at)) {
      this.#readAt = serverNow();
      this.reads.value += 1;
      return "loading";
    }
    return said;
  }

  /** Whether `at` is later than what the playlist knew when it was read; it may have had nothing. */
  #mayHaveGrown(at: number): boolean {
    const now = serverNow();
    if (at >= now || now - this.#readAt < GROWS_EVERY_MS) return false;
    const newest = this.#player?.pieces?.at(-1)?.to;
    if (newest === undefined) return this.#readAt < (this.leave.peek()?.to ?? 0);
    return at >= newest && at > this.#readAt - GROWS_EVERY_MS;
  }

  /** The nearest recorded time after `at`, or before it, as far as is known here. */
  nearest(at: number, way: 1 | -1): number | null {
    const pieces = this.#player?.pieces ?? [];
    const spans = (this.recorded.peek()?.spans ?? []).map((span) => ({ ...span, start: 0 }));
    const found = [nearestRecorded(pieces, at, way), nearestRecorded(spans, at, way)];
    const known = found.filter((one) => one !== null);
    if (known.length === 0) return null;
    return way === 1 ? Math.min(...known) : Math.max(...known);
  }

  /** The first picture that is known of. */
  first(): number | null {
    const known = [this.recorded.peek()?.spans[0]?.from, this.#player?.pieces?.[0]?.from];
    const found = known.filter((one) => one !== undefined);
    return found.length > 0 ? Math.min(...found) : null;
  }

  /** Know what there is of `view`, and of as much on both sides. */
  async survey(view: Span, isAnew = false): Promise<void> {
    const isIn = (known: Span | null): boolean =>
      known !== null && view.from >= known.from && view.to <= known.to;
    if (isIn(this.#asking) || performance.now() < this.#asksAgainAt) return;
    if (!isAnew && isIn(this.recorded.peek()?.hours ?? null)) return;
    const spare = Math.max(0, Math.min(view.to - view.from, (WIDEST_MS - (view.to - view.from)) / 2));
    const hours = { from: view.from - spare, to: view.to + spare };
    this.#asking = hours;
    try {
      const said = await recordedOf(this.shown, hours);
      if (this.#asking === hours) this.recorded.value = said;
    } catch {
      // The pictures say what is wrong; a timeline that is not known is drawn as such.
      this.#asksAgainAt = performance.now() + ASKS_AGAIN_MS;
    } finally {
      if (this.#asking === hours) this.#asking = null;
    }
  }
}
