/** Plays one source's recordings in a video element, as the clock of the playback says. */

import Hls, { ErrorTypes, Events, type ErrorData, type LevelDetails } from "hls.js/light";
import { Problem } from "../../shared/problem.ts";
import { correction } from "./clock.ts";
import { mediaTimeAt, piecesOf, timeOfMedia, type Piece } from "./pieces.ts";

/** How it stands with a picture at the time that is asked for. */
export type Standing = "there" | "loading" | "gap" | "failed";

/** Ahead of and behind the picture: at sixteen times the speed two seconds, and a press of `J`. */
const AHEAD_S = 30;
const BEHIND_S = 30;
/** A disk that is away is said to be after some seconds: half a second, one, two. */
const AGAIN = { maxNumRetry: 3, retryDelayMs: 500, maxRetryDelayMs: 4_000 };
/** Closer than this to the picture's own time is the same picture, at 60 a second as well. */
const SAME_S = 0.005;
/** Into a picture, so that no rounding shows the one before. */
const INTO_S = 0.002;
const SHORTEST_PICTURE_S = 1 / 60;
const STEP_TRIES = 40;
const SETTLED_WITHIN_MS = 4_000;
const QUIET_MS = 80;
const LOOKS_EVERY_MS = 8;

export class Player {
  readonly #video: HTMLVideoElement;
  readonly #hls: Hls;
  readonly #wanted: () => number;
  readonly #onChange: () => void;
  #pieces: readonly Piece[] | null = null;
  #keyframes: readonly number[] = [];
  #problem: Problem | null = null;
  /** The media time of the picture that is seen, as the browser says. */
  #seen: number | null = null;
  /** The shortest time that a picture was seen to last. */
  #shortest_s = Infinity;
  /** When the browser was last done with a jump; ms as of `performance.now`. */
  #soughtAt = 0;
  #seenAt = 0;
  #stopped = false;
  #steps = false;

  constructor(options: {
    video: HTMLVideoElement;
    url: string;
    /** The time of day that is asked for just now. */
    wanted: () => number;
    onChange: () => void;
  }) {
    this.#video = options.video;
    this.#wanted = options.wanted;
    this.#onChange = options.onChange;
    this.#hls = new Hls({
      // Fragments are MP4 already: nothing is left to do for a worker.
      enableWorker: false,
      autoStartLoad: false,
      maxBufferLength: AHEAD_S,
      maxMaxBufferLength: AHEAD_S,
      backBufferLength: BEHIND_S,
      lowLatencyMode: false,
      fragLoadPolicy: {
        default: { ...Hls.DefaultConfig.fragLoadPolicy.default, errorRetry: AGAIN },
      },
    });
    this.#hls.on(Events.LEVEL_LOADED, (_, { details }) => this.#take(details));
    this.#hls.on(Events.LEVEL_PTS_UPDATED, (_, { details }) => this.#take(details));
    this.#hls.on(Events.ERROR, (_, error) => this.#failed(error));
    this.#hls.loadSource(options.url);
    this.#hls.attachMedia(options.video);
    options.video.addEventListener("seeked", this.#sought);
    this.#watchPictures();
  }

  stop(): void {
    this.#stopped = true;
    this.#video.removeEventListener("seeked", this.#sought);
    this.#hls.destroy();
  }

  /** Null: not known yet. */
  get pieces(): readonly Piece[] | null {
    return this.#pieces;
  }

  get problem(): Problem | null {
    return this.#problem;
  }

  /** The time of day of the picture that is seen; null while there is none. */
  get seenAt(): number | null {
    if (this.#seen === null || !this.#pieces) return null;
    return timeOfMedia(this.#pieces, this.#seen);
  }

  /** Show `at` and go on at `rate`: forward by playing, backward from keyframe to keyframe. */
  follow(at: number, rate: number): Standing {
    if (this.#problem) return "failed";
    if (!this.#pieces) return "loading";
    // It feels its way to the next picture, and says soon what time that is of.
    if (this.#steps) return "there";
    const target = mediaTimeAt(this.#pieces, at);
    if (target === null) {
      this.#video.pause();
      return "gap";
    }
    if (this.#video.readyState < HTMLMediaElement.HAVE_METADATA) return "loading";
    return rate > 0 ? this.#play(target, rate) : this.#show(target, rate < 0);
  }

  #play(target: number, rate: number): Standing {
    const video = this.#video;
    if (video.seeking) return "loading";
    const next = correction(target - video.currentTime, rate);
    if (next.jump) {
      this.#jump(target);
      return "loading";
    }
    if (video.playbackRate !== next.rate) video.playbackRate = next.rate;
    // Refused while the page is in the background: the next look tries again.
    if (video.paused) void video.play().catch(() => undefined);
    return video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA ? "there" : "loading";
  }

  #show(target: number, byKeyframes: boolean): Standing {
    const video = this.#video;
    if (!video.paused) video.pause();
    // Backwards, one picture after the other is shown as fast as they come.
    if (video.seeking) return byKeyframes ? "there" : "loading";
    const wanted = byKeyframes ? this.#keyframeBefore(target) : target;
    if (Math.abs(video.currentTime - wanted) > SAME_S) {
      this.#jump(wanted);
      return byKeyframes ? "there" : "loading";
    }
    return video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? "there" : "loading";
  }

  /** What is seen is not known again before the browser says so. */
  #jump(media_s: number): void {
    this.#seen = null;
    this.#soughtAt = Infinity;
    this.#video.currentTime = media_s;
  }

  #keyframeBefore(target: number): number {
    return (this.#keyframes.findLast((start) => start <= target) ?? target) + INTO_S;
  }

  /** Show the next picture, or the one before; give its time of day, null when there is none. */
  async step(way: 1 | -1): Promise<number | null> {
    if (this.#steps) return null;
    this.#steps = true;
    try {
      this.#video.pause();
      await this.#settled();
      return await this.#stepFrom(this.#seen ?? this.#video.currentTime - INTO_S, way);
    } finally {
      this.#steps = false;
    }
  }

  /** Felt for in small steps, from how long pictures last at least as far as that is known. */
  async #stepFrom(before: number, way: 1 | -1): Promise<number | null> {
    const here = this.#video.currentTime;
    const isNext = (seen: number): boolean => seen > Math.max(before + SAME_S, here);
    const isPrevious = (seen: number): boolean => seen < before - SAME_S;
    const first = way === 1 ? Math.max(before + this.#pictureLasts_s, here) : before;
    for (let tries = 0; tries < STEP_TRIES; tries += 1) {
      const target = first + (SHORTEST_PICTURE_S * tries + INTO_S) * way;
      const found = await this.#stepTo(target, way === 1 ? isNext : isPrevious);
      if (found !== null) return found;
    }
    return null;
  }

  async #stepTo(media_s: number, isThere: (seen: number) => boolean): Promise<number | null> {
    if (media_s < 0 || this.#stopped) return null;
    this.#jump(media_s);
    await this.#settled();
    const seen = this.#seen;
    if (seen === null || !isThere(seen) || !this.#pieces) return null;
    const at = timeOfMedia(this.#pieces, seen);
    return at === null ? null : at + INTO_S * 1000;
  }

  /** Until the picture that was jumped to is on the screen: a browser tells of it at each jump. */
  async #settled(): Promise<void> {
    for (const end = performance.now() + SETTLED_WITHIN_MS; performance.now() < end; ) {
      if (this.#stopped || this.#isSettled()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS));
    }
  }

  /** What was on its way before the jump may be told of first: the last word counts. */
  #isSettled(): boolean {
    const quiet_ms = performance.now() - Math.max(this.#soughtAt, this.#seenAt);
    return this.#seen !== null && !this.#video.seeking && quiet_ms > QUIET_MS;
  }

  #watchPictures(): void {
    this.#video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.#stopped) return;
      const video = this.#video;
      if (!video.paused && !video.seeking) this.#played(mediaTime);
      else if (mediaTime <= video.currentTime + SAME_S) this.#seen = mediaTime;
      this.#seenAt = performance.now();
      this.#watchPictures();
    });
  }

  #played(mediaTime: number): void {
    const lasted = this.#seen === null ? 0 : mediaTime - this.#seen;
    if (lasted >= SHORTEST_PICTURE_S && lasted < this.#shortest_s) this.#shortest_s = lasted;
    this.#seen = mediaTime;
  }

  get #pictureLasts_s(): number {
    return Number.isFinite(this.#shortest_s) ? this.#shortest_s : SHORTEST_PICTURE_S;
  }

  readonly #sought = (): void => {
    this.#soughtAt = performance.now();
  };

  #take(details: LevelDetails): void {
    const isFirst = this.#pieces === null;
    this.#pieces = piecesOf(details.fragments);
    this.#keyframes = details.fragments.map(({ start }) => start);
    if (isFirst) {
      const at = this.#wanted();
      this.#hls.startLoad(mediaTimeAt(this.#pieces, at) ?? 0);
    }
    this.#onChange();
  }

  #failed(error: ErrorData): void {
    if (!error.fatal) return;
    const status = error.response?.code ?? 0;
    if (error.type === ErrorTypes.MEDIA_ERROR) {
      // A broken picture in the middle: what follows may be whole.
      this.#hls.recoverMediaError();
      return;
    }
    this.#problem = problemOf(status, error);
    this.#video.pause();
    this.#onChange();
  }
}

const CODES: Record<number, string> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not-recorded",
  503: "recording-away",
};

function problemOf(status: number, error: ErrorData): Problem {
  if (status === 0 && error.type === ErrorTypes.NETWORK_ERROR) return Problem.offline();
  const code = CODES[status] ?? "unexpected";
  return new Problem({ type: `/problems/${code}`, title: "", status, detail: error.details });
}
