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
const LONGEST_PICTURE_S = 1;
const STEP_TRIES = 40;
const PRESENTED_WITHIN_MS = 150;

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
  #pictureLasts_s: number | null = null;
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
    this.#watchPictures();
  }

  stop(): void {
    this.#stopped = true;
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
      if (!this.#isSeen()) await this.#settled();
      return await this.#stepFrom(this.#seen ?? this.#video.currentTime, way);
    } finally {
      this.#steps = false;
    }
  }

  /** Whether what was presented last is the picture of the time where the video stands. */
  #isSeen(): boolean {
    const since = this.#video.currentTime - (this.#seen ?? Infinity);
    return since > -SAME_S && since < LONGEST_PICTURE_S;
  }

  async #stepFrom(before: number, way: 1 | -1): Promise<number | null> {
    if (way === -1) return this.#stepTo(before - INTO_S, (seen) => seen < before);
    // How long a picture lasts is known once one step was made; until then it is felt for.
    const known = this.#pictureLasts_s;
    if (known !== null) {
      const found = await this.#stepTo(before + known + INTO_S, (seen) => seen > before);
      if (found !== null) return found;
    }
    for (let tries = 1; tries <= STEP_TRIES; tries += 1) {
      const target = before + SHORTEST_PICTURE_S * tries + INTO_S;
      const found = await this.#stepTo(target, (seen) => seen > before + SAME_S);
      if (found !== null) {
        this.#pictureLasts_s = (this.#seen ?? target) - before;
        return found;
      }
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

  /** What was on its way to the screen before a jump may come first. */
  async #settled(): Promise<void> {
    do await this.#presented();
    while (this.#video.seeking && !this.#stopped);
  }

  /** Until the browser has put the next picture on the screen; the same again is not always put. */
  #presented(): Promise<void> {
    const video = this.#video;
    return new Promise((resolve) => {
      let timer = 0;
      const id = video.requestVideoFrameCallback((_, { mediaTime }) => {
        this.#seen = mediaTime;
        over();
      });
      const giveUpSoon = (): void => {
        timer = window.setTimeout(over, PRESENTED_WITHIN_MS);
      };
      const over = (): void => {
        clearTimeout(timer);
        video.cancelVideoFrameCallback(id);
        video.removeEventListener("seeked", giveUpSoon);
        resolve();
      };
      if (video.seeking) video.addEventListener("seeked", giveUpSoon, { once: true });
      else giveUpSoon();
    });
  }

  #watchPictures(): void {
    this.#video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.#stopped) return;
      this.#seen = mediaTime;
      this.#watchPictures();
    });
  }

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
