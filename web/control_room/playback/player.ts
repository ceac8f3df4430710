/** Plays one source's recordings in a video element, as the clock of the playback says. */

import Hls, { ErrorTypes, Events, type ErrorData, type LevelDetails } from "hls.js/light";
import { Problem } from "../../shared/problem.ts";
import { correction } from "./clock.ts";
import { mediaTimeAt, piecesOf, timeOfMedia, type Fragment, type Piece } from "./pieces.ts";
import { PartLoader } from "./part_loader.ts";
import { Pictures, samplesOf, type Sample } from "./samples.ts";
import type { Span } from "./timeline.ts";

/** How it stands with a picture at the time that is asked for. */
export type Standing = "there" | "loading" | "gap" | "failed";

/** Ahead of and behind the picture: at sixteen times the speed two seconds, and a press of `J`. */
const AHEAD_S = 30;
const BEHIND_S = 30;
/** A disk that is away is said to be after some seconds: half a second, one, two. */
const AGAIN = { maxNumRetry: 3, retryDelayMs: 500, maxRetryDelayMs: 4_000 };
/** What has to be made H264 first may take longer to begin than what lies there. */
const BEGINS_WITHIN_MS = 32_000;
/** H265, main profile, level 4: what cameras send. */
const H265 = 'video/mp4; codecs="hvc1.1.6.L120.B0"';
/** So often in so long broken pictures are jumped over; then it is said. */
const MOST_BROKEN = 3;
const BROKEN_WITHIN_MS = 10_000;
/** Closer than this to the picture's own time is the same picture, at 60 a second as well. */
const SAME_S = 0.005;
/** Into a picture, so that no rounding shows the one before. */
const INTO_S = 0.002;
/** For the picture here to be known, for the one beside it to come, for it to be shown: each. */
export const STEP_WITHIN_MS = 60_000;
const LOOKS_EVERY_MS = 8;
/** The playlist's idea of an end is this exact. */
const END_WITHIN_S = 0.05;

/** What recordings have and this browser does not play. */
export function lacking(): "h265" | undefined {
  return MediaSource.isTypeSupported(H265) ? undefined : "h265";
}

export class Player {
  readonly #video: HTMLVideoElement;
  readonly #hls: Hls;
  readonly #wanted: () => number;
  readonly #onChange: () => void;
  readonly #onDamaged: (span: Span) => void;
  /** When the parts begin that the disk does not give as they were recorded. */
  readonly #damaged = new Set<number>();
  #details: LevelDetails | null = null;
  #pieces: readonly Piece[] | null = null;
  #keyframes: readonly number[] = [];
  #problem: Problem | null = null;
  /** The media time of the picture that is seen, as the browser says. */
  #seen: number | null = null;
  readonly #pictures = new Pictures();
  #stopped = false;
  #steps = false;
  /** When pictures were broken, lately. */
  #broken: readonly number[] = [];

  constructor(options: {
    video: HTMLVideoElement;
    url: string;
    /** The time of day that is asked for just now. */
    wanted: () => number;
    onChange: () => void;
    /** These seconds are on the disk, and are not what was recorded. */
    onDamaged: (span: Span) => void;
  }) {
    this.#video = options.video;
    this.#wanted = options.wanted;
    this.#onChange = options.onChange;
    this.#onDamaged = options.onDamaged;
    this.#hls = new Hls({
      // Fragments are MP4 already: nothing is left to do for a worker.
      enableWorker: false,
      autoStartLoad: false,
      maxBufferLength: AHEAD_S,
      maxMaxBufferLength: AHEAD_S,
      backBufferLength: BEHIND_S,
      lowLatencyMode: false,
      fLoader: PartLoader,
      fragLoadPolicy: {
        default: {
          ...Hls.DefaultConfig.fragLoadPolicy.default,
          maxTimeToFirstByteMs: BEGINS_WITHIN_MS,
          errorRetry: AGAIN,
        },
      },
    });
    this.#hls.on(Events.LEVEL_LOADED, (_, { details }) => this.#take(details));
    this.#hls.on(Events.LEVEL_PTS_UPDATED, (_, { details }) => this.#take(details));
    this.#hls.on(Events.BUFFER_APPENDING, (_, { data }) => this.#pictures.add(samplesOf(data)));
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
    // It is on its way to the next picture, and says soon what time that is of.
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
  async step(way: 1 | -1, isWanted: () => boolean): Promise<number | null> {
    if (this.#steps) return null;
    this.#steps = true;
    const until = <T>(found: () => T | null): Promise<T | null> => this.#until(found, isWanted);
    try {
      this.#video.pause();
      const here = await until(() => this.#pictures.at(this.#video.currentTime));
      if (!here || this.#isLast(here, way)) return null;
      const next = await until(() => this.#beside(here, way));
      if (!next) return null;
      this.#jump(next.start + INTO_S);
      await until(() => this.#isShown(next) || null);
      const at = this.#pieces && timeOfMedia(this.#pieces, next.start);
      return this.#video.seeking || at === null ? null : at + INTO_S * 1000;
    } finally {
      this.#steps = false;
    }
  }

  /** The picture before or after; null while what lies between is not there. */
  #beside(here: Sample, way: 1 | -1): Sample | null {
    const found = this.#pictures.beside(here, way);
    if (found && this.#isBuffered(here.start, found.start)) return found;
    // What is behind is loaded when one goes there.
    const behind = here.start - INTO_S;
    if (way === -1 && this.#video.currentTime > behind) this.#jump(behind);
    return null;
  }

  #isBuffered(one: number, other: number): boolean {
    const { buffered } = this.#video;
    const [from, to] = [Math.min(one, other) + INTO_S, Math.max(one, other) + INTO_S];
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= from && to <= buffered.end(i)) return true;
    }
    return false;
  }

  #isLast({ start, lasts }: Sample, way: 1 | -1): boolean {
    const [first, last] = [this.#pieces?.[0], this.#pieces?.at(-1)];
    if (!first || !last) return true;
    if (way === -1) return start <= first.start + END_WITHIN_S;
    return start + lasts >= last.start + (last.to - last.from) / 1000 - END_WITHIN_S;
  }

  /** Whether the browser says that it shows this picture. */
  #isShown({ start }: Sample): boolean {
    const isSeen = this.#seen !== null && Math.abs(this.#seen - start) < SAME_S;
    return !this.#video.seeking && isSeen;
  }

  async #until<T>(found: () => T | null, isWanted: () => boolean): Promise<T | null> {
    for (const end = performance.now() + STEP_WITHIN_MS; !this.#stopped && isWanted(); ) {
      const what = found();
      if (what !== null || performance.now() > end) return what;
      await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS));
    }
    return null;
  }

  #watchPictures(): void {
    this.#video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.#stopped) return;
      const { paused, seeking, currentTime } = this.#video;
      // What was on its way before a jump may be told of after it.
      if ((!paused && !seeking) || mediaTime <= currentTime + SAME_S) this.#seen = mediaTime;
      this.#watchPictures();
    });
  }

  #take(details: LevelDetails): void {
    const isFirst = this.#pieces === null;
    this.#details = details;
    this.#pieces = piecesOf(details.fragments, this.#damaged);
    this.#keyframes = details.fragments
      .filter(({ programDateTime }) => !this.#damaged.has(programDateTime ?? 0))
      .map(({ start }) => start);
    if (isFirst) {
      const at = this.#wanted();
      this.#hls.startLoad(mediaTimeAt(this.#pieces, at) ?? 0);
    }
    this.#onChange();
  }

  /** The pictures on both sides of a damaged part are shown. */
  #leaveOut({ programDateTime: from, start, duration }: Fragment, details: LevelDetails): void {
    if (from !== null && !this.#damaged.has(from)) {
      this.#damaged.add(from);
      this.#onDamaged({ from, to: from + duration * 1000 });
    }
    this.#take(details);
    this.#hls.startLoad(start + duration + INTO_S);
  }

  #mayGoOn(): boolean {
    const now = performance.now();
    this.#broken = [...this.#broken.filter((at) => now - at < BROKEN_WITHIN_MS), now];
    return this.#broken.length <= MOST_BROKEN;
  }

  #failed(error: ErrorData): void {
    if (!error.fatal) return;
    const status = error.response?.code ?? 0;
    if (status === DAMAGED && error.frag && this.#details) {
      this.#leaveOut(error.frag, this.#details);
      return;
    }
    if (error.type === ErrorTypes.MEDIA_ERROR && this.#mayGoOn()) {
      // A broken picture in the middle: what follows may be whole.
      this.#hls.recoverMediaError();
      return;
    }
    this.#problem = problemOf(status, error);
    this.#video.pause();
    this.#onChange();
  }
}

/** `recording-damaged`: of a part, nothing else is refused so. */
const DAMAGED = 422;
const CODES: Record<number, string> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not-recorded",
  503: "recording-away",
};

function problemOf(status: number, error: ErrorData): Problem {
  if (status === 0 && error.type === ErrorTypes.NETWORK_ERROR) return Problem.offline();
  const isUnread = error.type === ErrorTypes.MEDIA_ERROR;
  const code = isUnread ? "unplayable" : (CODES[status] ?? "unexpected");
  return new Problem({ type: `/problems/${code}`, title: "", status, detail: error.details });
}
