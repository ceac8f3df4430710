/** A playback: the sources that are looked at, the one clock they keep, the hours in view. */

import { batch, signal } from "@preact/signals";
import { serverNow } from "../../shared/time.ts";
import type { Id, Shown } from "../../shared/types.ts";
import { MOST_PICTURES, type Looking } from "../state/looking.ts";
import type { Leave } from "./api.ts";
import { hold, put, standing, timeOf, withRate, type Clock } from "./clock.ts";
import { STEP_WITHIN_MS } from "./player.ts";
import { Steps } from "./steps.ts";
import { following, moved, nextMark, zoomed, type Span, type View } from "./timeline.ts";
import { waiting } from "./waiting.ts";
import { Watched } from "./watched.ts";

const DAY_MS = 86_400_000;
/** The law's month: nothing older is asked for. */
const LONGEST_MS = 31 * DAY_MS;
const FIRST_VIEW_MS = 10 * 60_000;
/** What was filmed this lately may not be on the disk yet. */
const EDGE_MS = 3_000;
const TICK_MS = 100;
/** A picture that is further from the clock than this is on its way to it. */
const SEEN_MS = 3_000;
/** Into a picture, so that no rounding shows the one before. */
const INTO_MS = 2;
/** Who has seen everything up to here goes on at the wall. */
const LIVE_WITHIN_MS = 30_000;
const SURVEYED_AGAIN_MS = 15_000;

export class Deck {
  readonly motive: string;
  readonly watched = signal<readonly Watched[]>([]);
  readonly chosen = signal(0);
  /** The time of day that is shown, ten times a second. */
  readonly at = signal(0);
  readonly rate = signal(0);
  readonly isWaiting = signal(false);
  readonly isLive = signal(false);
  readonly view = signal<View>({ from: 0, to: 1 });
  /** The hours that were marked, for a hold or a clip. */
  readonly marked = signal<Span | null>(null);
  /** Where one came from, walking from camera to camera. */
  readonly path = signal<readonly Shown[]>([]);
  #clock: Clock;
  #first: Id | null = null;
  #surveyedAt = 0;
  /** How often somebody has gone to another time or speed. */
  #moves = 0;
  readonly #steps = new Steps((way) => this.#stepped(way));

  constructor(looking: Looking) {
    this.motive = looking.motive;
    this.#clock = withRate(standing(looking.at, performance.now()), 1, performance.now());
    this.at.value = looking.at;
    this.rate.value = 1;
    this.view.value = zoomed(
      { from: looking.at - FIRST_VIEW_MS * 0.4, to: looking.at + FIRST_VIEW_MS * 0.6 },
      1,
      looking.at,
      this.limits,
    );
    this.watched.value = looking.sources.map((shown) => new Watched(shown));
  }

  /** Run until the function that is given back is called. */
  run(): () => void {
    const timer = setInterval(() => this.#tick(), TICK_MS);
    return () => clearInterval(timer);
  }

  get limits(): Span {
    const now = serverNow();
    return { from: now - LONGEST_MS, to: now + 30_000 };
  }

  get edge(): number {
    return serverNow() - EDGE_MS;
  }

  get one(): Watched | undefined {
    return this.watched.value[this.chosen.value];
  }

  readonly timeNow = (): number => timeOf(this.#clock, performance.now());

  setRate(rate: number): void {
    this.#goElsewhere();
    batch(() => {
      const now = performance.now();
      this.#clock = withRate(this.#clock, rate, now);
      // It stops at the picture that is seen, not at one that was about to come.
      const seen = rate === 0 ? (this.one?.player?.seenAt ?? null) : null;
      if (seen !== null && Math.abs(seen - this.timeNow()) < SEEN_MS) {
        this.#clock = put(this.#clock, seen + INTO_MS, now);
      }
      this.rate.value = rate;
      this.isLive.value = false;
    });
  }

  /** Show this time; the speed stays. */
  jump(at: number): void {
    this.#goElsewhere();
    this.#show(at);
  }

  /** What is on its way is not wanted any more. */
  #goElsewhere(): void {
    this.#moves += 1;
    this.#steps.forget();
  }

  #show(at: number): void {
    const within = Math.min(Math.max(at, this.limits.from), this.edge);
    batch(() => {
      this.#clock = put(this.#clock, within, performance.now());
      this.at.value = within;
      this.isLive.value = false;
      this.view.value = following(this.view.peek(), within, this.limits);
    });
    for (const one of this.watched.peek()) {
      one.isLate = false;
      // What is still seen is of another time, until the next look says otherwise.
      if (one.standing.peek() === "there") one.standing.value = "loading";
    }
  }

  /** One picture on or back, as the chosen source has them; the others go to the same time. */
  step(way: 1 | -1): void {
    if (this.rate.peek() !== 0) this.setRate(0);
    this.#steps.ask(way);
  }

  async #stepped(way: 1 | -1): Promise<boolean> {
    const one = this.one;
    const moves = this.#moves;
    // Who has gone elsewhere meanwhile stays there.
    const isWanted = (): boolean => this.#moves === moves;
    // From the picture of this time, should one have jumped there just now.
    if (!one || !(await this.#isThere(one, isWanted))) return false;
    const at = await one.player?.step(way, isWanted);
    if (at === null || at === undefined || !isWanted()) return false;
    this.#show(at);
    return true;
  }

  /** A picture may be long in coming: who has pressed once need not press again. */
  async #isThere(one: Watched, isWanted: () => boolean): Promise<boolean> {
    for (const until = performance.now() + STEP_WITHIN_MS; performance.now() < until; ) {
      if (!isWanted()) return false;
      if (one.follow(this.timeNow(), 0) === "there") return true;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS / 2));
    }
    return false;
  }

  zoom(factor: number, around = this.at.peek()): void {
    this.view.value = zoomed(this.view.peek(), factor, around, this.limits);
  }

  pan(by_ms: number): void {
    this.view.value = moved(this.view.peek(), by_ms, this.limits);
  }

  /** To the event or alert after this time, or before it. */
  toMark(way: 1 | -1): boolean {
    const marks = this.one?.recorded.peek()?.marks.map(({ at }) => at) ?? [];
    const found = nextMark(marks, this.at.peek(), way);
    if (found === null) return false;
    this.jump(found);
    return true;
  }

  /** To the first picture that is known of; or to the newest, and stand there. */
  toEnd(way: 1 | -1): void {
    const found = way === 1 ? this.one?.nearest(this.edge, -1) : this.one?.first();
    if (found === null || found === undefined) return;
    if (way === 1) this.setRate(0);
    this.jump(found);
  }

  mark(end: "from" | "to"): void {
    const at = this.at.peek();
    const held = this.marked.peek() ?? { from: at, to: at };
    const next = { ...held, [end]: at };
    this.marked.value = next.to >= next.from ? next : { from: at, to: at };
  }

  /** Beside the others; false when it is there already, or there is no room. */
  add(shown: Shown): boolean {
    const all = this.watched.peek();
    const known = all.findIndex(({ shown: one }) => one.id === shown.id);
    batch(() => {
      if (known >= 0) this.chosen.value = known;
      else if (all.length < MOST_PICTURES) {
        this.watched.value = [...all, new Watched(shown)];
        this.chosen.value = all.length;
      }
    });
    return known < 0 && all.length < MOST_PICTURES;
  }

  remove(key: string): void {
    const all = this.watched.peek();
    if (all.length < 2) return;
    batch(() => {
      this.watched.value = all.filter((one) => one.key !== key);
      this.chosen.value = Math.min(this.chosen.peek(), all.length - 2);
    });
  }

  /** In the place of the chosen one, at the same second. */
  walkTo(shown: Shown): void {
    const all = this.watched.peek();
    const before = this.one;
    if (!before || before.shown.id === shown.id) return;
    const there = all.findIndex((one) => one.shown.id === shown.id);
    batch(() => {
      this.path.value = [...this.path.peek(), before.shown].slice(-50);
      if (there >= 0) this.chosen.value = there;
      else this.#replace(before, shown);
    });
  }

  walkBack(): boolean {
    const last = this.path.peek().at(-1);
    const before = this.one;
    if (!last || !before) return false;
    batch(() => {
      this.path.value = this.path.peek().slice(0, -1);
      const there = this.watched.peek().findIndex((one) => one.shown.id === last.id);
      if (there >= 0) this.chosen.value = there;
      else this.#replace(before, last);
    });
    return true;
  }

  #replace(before: Watched, shown: Shown): void {
    // The same second is to be seen: the time waits for its picture.
    this.#clock = put(this.#clock, this.at.peek(), performance.now());
    this.watched.value = this.watched.peek().map((one) => (one === before ? new Watched(shown) : one));
  }

  /** What any leave that is opened from now on goes on from. */
  why(): { motive: string; continues: Id | null } {
    this.#first ??= this.watched.peek().find((one) => one.leave.peek())?.leave.peek()?.id ?? null;
    return { motive: this.motive, continues: this.#first };
  }

  /** Leave whose hours hold `hours`, of the chosen source. */
  leaveFor(hours: Span): Leave | null {
    const leave = this.one?.leave.peek() ?? null;
    return leave && leave.from <= hours.from && leave.to >= hours.to ? leave : null;
  }

  #tick(): void {
    const now = performance.now();
    let at = timeOf(this.#clock, now);
    const { rate } = this.#clock;
    if (rate > 0 && at >= this.edge) {
      at = this.edge;
      this.#clock = put(withRate(this.#clock, 0, now), at, now);
      this.rate.value = 0;
      this.isLive.value = true;
    }
    const all = this.watched.peek();
    const moving = this.#clock.held ? 0 : this.#clock.rate;
    const standings = all.map((one) => one.follow(at, moving));
    this.#haveLeave(all, at);
    if (rate !== 0 && standings.length > 0 && standings.every((one) => one === "gap")) {
      at = this.#skip(all, at, rate > 0 ? 1 : -1);
    }
    this.#wait(all, now);
    batch(() => {
      if (this.at.peek() !== at) this.at.value = at;
      if (rate !== 0) this.view.value = following(this.view.peek(), at, this.limits);
    });
    this.#survey(all);
  }

  /** The first one's motive is said; the others', and later hours', go on from it. */
  #haveLeave(all: readonly Watched[], at: number): void {
    const why = this.why();
    for (const one of all) {
      if (one.covers(at) || one.problem.peek()) continue;
      void one.open(at, why);
      if (why.continues === null) return;
    }
  }

  /** Where no source has anything, nobody waits: on to what is recorded next. */
  #skip(all: readonly Watched[], at: number, way: 1 | -1): number {
    const next = nearestOf(all, at, way);
    const now = performance.now();
    if (next !== null) {
      this.#clock = put(this.#clock, next, now);
      return next;
    }
    // There is no more: the last picture that there was stays.
    const last = nearestOf(all, at, way === 1 ? -1 : 1) ?? at;
    this.#clock = put(withRate(this.#clock, 0, now), last, now);
    this.rate.value = 0;
    this.isLive.value = way === 1 && this.edge - last < LIVE_WITHIN_MS;
    return last;
  }

  #wait(all: readonly Watched[], now: number): void {
    const followers = all.map(({ loadingSince, isLate }) => ({
      loading_ms: loadingSince === null ? null : now - loadingSince,
      isLate,
    }));
    const { stands, late } = waiting(followers, this.#clock.held);
    for (const i of late) (all[i] as Watched).isLate = true;
    if (this.isWaiting.peek() !== stands) this.isWaiting.value = stands;
    this.#clock = hold(this.#clock, stands, now);
  }

  #survey(all: readonly Watched[]): void {
    const view = this.view.peek();
    const now = performance.now();
    const isAnew = view.to > this.edge - 60_000 && now - this.#surveyedAt > SURVEYED_AGAIN_MS;
    if (isAnew) this.#surveyedAt = now;
    for (const one of all) void one.survey(view, isAnew);
  }
}

function nearestOf(all: readonly Watched[], at: number, way: 1 | -1): number | null {
  const found = all.map((one) => one.nearest(at, way)).filter((one) => one !== null);
  if (found.length === 0) return null;
  return way === 1 ? Math.min(...found) : Math.max(...found);
}
