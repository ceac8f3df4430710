/** Watches one stream by WHEP into a `<video>`, and starts again by itself when it stops moving. */

import type { Fetch } from "../api.ts";
import { Problem } from "../problem.ts";
import { Past } from "./past.ts";
import { read, type Counters, type Figures } from "./statistics.ts";
import { newConnection, negotiate, Pause, retryAfterMs, type Session } from "./negotiation.ts";

/** Without a new picture for this long it may no longer look live. */
export const FROZEN_AFTER_MS = 1_500;
/** Without a new picture for this long the session is given up for a new one. */
const GIVE_UP_AFTER_MS = 5_000;
const FIRST_PICTURE_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 500;
/** A delay outside of this says that a clock is wrong, not that the picture is late. */
const PLAUSIBLE_DELAY_MS: readonly [number, number] = [-500, 60_000];

/** Asking again changes nothing; a stream that is not there (404) may be back in a moment. */
const NEVER: readonly number[] = [401, 403, 406];

export type PictureState =
  | { phase: "connecting" }
  /** Pictures of the past come, at speed; the first of them is held, until they are live. */
  | { phase: "catching-up" }
  | { phase: "live" }
  /** The last picture stands still; a new session is on its way. */
  | { phase: "frozen" }
  /** The server said no for now; the next try is at `retryAt` (ms since the epoch). */
  | { phase: "waiting"; problem: Problem; retryAt: number }
  /** Not allowed, or not playable here: it is not asked again until `again`. */
  | { phase: "refused"; problem: Problem };

export interface ViewerOptions {
  fetch: Fetch;
  /** `/streams/{id}/whep?motive=…` */
  path: string;
  video: HTMLVideoElement;
  /** Lies over the video with one picture of it: the first while it catches up, else the last. */
  held: HTMLCanvasElement;
  onState: (state: PictureState) => void;
  /** A picture is presented; where the browser says which. */
  onPicture?: ((rtpTimestamp: number) => void) | undefined;
}

export class Viewer {
  /** When the last picture arrived (this browser's clock, ms since the epoch). */
  lastPictureAt: number | null = null;
  /**
   * From the camera's glass to this screen in ms, where the browser says when it was captured.
   * Chromium does once it knows the round trip, which it measures of what it sends: not here.
   */
  delay_ms: number | null = null;

  readonly #options: ViewerOptions;
  readonly #pause = new Pause();
  #stop = new AbortController();
  #pictures = 0;
  #phase: PictureState["phase"] = "connecting";
  #restart: (() => void) | null = null;
  #connection: RTCPeerConnection | null = null;
  #session: Session | null = null;
  #counters: Counters | null = null;
  #past = new Past();
  #away = false;
  #backAt = 0;
  #behindMs = 0;

  constructor(options: ViewerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stop = new AbortController();
    this.#watchPictures();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
    this.#options.video.srcObject = null;
  }

  /** The identifier of the viewing that runs, as the server knows it. */
  get viewingId(): string | null {
    return this.#session?.id ?? null;
  }

  /**
   * The server says that the source is away, or back. Away, the session is kept: the picture
   * returns in it by itself, and the register has one viewing instead of one every few seconds.
   */
  sourceIsAway(away: boolean): void {
    const isBack = this.#away && !away;
    this.#away = away;
    if (!isBack) return;
    this.#backAt = Date.now();
    if (this.#phase === "refused") this.again();
    else this.#pause.sooner();
  }

  /** Show pictures so much later than they could be, once they are live: 0 to 4000. */
  showBehind(ms: number): void {
    this.#behindMs = ms;
    if (this.#phase === "live") this.#keepBehind(ms);
  }

  #keepBehind(ms: number): void {
    for (const receiver of this.#connection?.getReceivers() ?? []) {
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = ms;
    }
  }

  /** What is measured since the last look; null while there is no picture to measure. */
  async figures(): Promise<Figures | null> {
    if (!this.#connection) return null;
    const reports = await this.#connection.getStats();
    const look = read(reports.values(), this.#counters);
    this.#counters = look?.counters ?? null;
    return look?.figures ?? null;
  }

  /** Try again now: a media process is back, an order was recorded, or somebody pressed. */
  again(): void {
    if (this.#phase === "refused") {
      this.stop();
      this.start();
      return;
    }
    this.#pause.sooner();
    this.#restart?.();
  }

  async #run(stop: AbortSignal): Promise<void> {
    for (let attempt = 0; !stop.aborted; attempt += 1) {
      const hadPictures = this.#pictures;
      try {
        await this.#runOnce(stop);
      } catch (error) {
        if (stop.aborted) return;
        const problem = Problem.of(error);
        if (NEVER.includes(problem.status)) {
          this.#say({ phase: "refused", problem });
          return;
        }
        const wait = retryAfterMs(attempt);
        this.#say({ phase: "waiting", problem, retryAt: Date.now() + wait });
        await this.#pause.wait(wait, stop);
      }
      if (this.#pictures > hadPictures) attempt = -1;
    }
  }

  /** One session: returns when another should be tried, throws when there is none. */
  async #runOnce(stop: AbortSignal): Promise<void> {
    const connection = newConnection();
    let session: Session | null = null;
    try {
      this.#past = new Past();
      this.#receive(connection);
      // A picture that stands still is told as such, however soon the next session begins.
      this.#say({ phase: this.lastPictureAt === null ? "connecting" : "frozen" });
      session = await negotiate(connection, {
        fetch: this.#options.fetch,
        path: this.#options.path,
        signal: stop,
      });
      this.#connection = connection;
      this.#session = session;
      await this.#watchOver(connection, stop);
    } finally {
      this.#restart = null;
      this.#connection = this.#session = this.#counters = null;
      if (this.#phase === "live") this.#holdPicture();
      connection.close();
      if (session) void session.end();
    }
  }

  #receive(connection: RTCPeerConnection): void {
    connection.addTransceiver("video", { direction: "recvonly" });
    connection.addTransceiver("audio", { direction: "recvonly" });
    const stream = new MediaStream();
    connection.ontrack = ({ track, receiver }): void => {
      // Fresh rather than smooth: this is a picture to act on.
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
      stream.addTrack(track);
      this.#options.video.srcObject = stream;
      void this.#options.video.play().catch(() => {});
    };
  }

  /** Look at the stream until it fails, stands still for too long, or `again` is called. */
  #watchOver(connection: RTCPeerConnection, stop: AbortSignal): Promise<void> {
    const startedAt = Date.now();
    let decoded = 0;
    return new Promise((resolve) => {
      const finish = (): void => {
        clearInterval(timer);
        resolve();
      };
      const look = async (): Promise<void> => {
        const count = await framesDecoded(connection);
        if (count > decoded) {
          decoded = count;
          this.#past.decoded(performance.now());
          this.#sawPicture();
        } else if (this.#phase === "catching-up" && this.#past.isOver(performance.now())) {
          this.#say({ phase: "live" });
        }
        const seen = decoded > 0 ? this.lastPictureAt : null;
        if (seen !== null && Date.now() - seen > FROZEN_AFTER_MS) this.#say({ phase: "frozen" });
        const still = Date.now() - Math.max(seen ?? startedAt, this.#backAt);
        const limit = seen === null ? FIRST_PICTURE_WITHIN_MS : GIVE_UP_AFTER_MS;
        const keeps = this.#away && connection.connectionState === "connected";
        if (still > limit && !keeps) finish();
      };
      const timer = setInterval(() => void look(), LOOK_EVERY_MS);
      this.#restart = finish;
      connection.onconnectionstatechange = (): void => {
        if (["failed", "closed"].includes(connection.connectionState)) finish();
      };
      stop.addEventListener("abort", finish, { once: true });
    });
  }

  #watchPictures(): void {
    const { video } = this.#options;
    const stop = this.#stop.signal;
    if (!("requestVideoFrameCallback" in video)) return;
    const onPicture: VideoFrameRequestCallback = (presented, frame) => {
      if (stop.aborted) return;
      video.requestVideoFrameCallback(onPicture);
      // A connection that is closed leaves a black picture, which says nothing of the camera.
      if (!isActive(video)) return;
      const { captureTime } = frame;
      this.#past.saw(presented, frame);
      if (frame.rtpTimestamp !== undefined) this.#options.onPicture?.(frame.rtpTimestamp);
      const delay = captureTime === undefined ? null : presented - captureTime;
      const [least, most] = PLAUSIBLE_DELAY_MS;
      this.delay_ms =
        delay !== null && delay > least && delay < most ? Math.max(0, delay) : null;
      this.#sawPicture();
    };
    video.requestVideoFrameCallback(onPicture);
  }

  #sawPicture(): void {
    this.#pictures += 1;
    this.lastPictureAt = Date.now();
    if (!this.#isPast()) this.#say({ phase: "live" });
    else if (this.#phase !== "catching-up") {
      this.#holdPicture();
      this.#say({ phase: "catching-up" });
    }
  }

  #holdPicture(): void {
    const { video, held } = this.#options;
    if (video.videoWidth > 0 && isActive(video)) hold(video, held);
  }

  /** Where a browser says nothing of presented pictures, each is live. */
  #isPast(): boolean {
    const says = "requestVideoFrameCallback" in this.#options.video && !document.hidden;
    return says && !this.#past.isOver(performance.now());
  }

  #say(state: PictureState): void {
    if (this.#stop.signal.aborted) return;
    if (state.phase === this.#phase && (state.phase === "live" || state.phase === "frozen")) return;
    if (state.phase === "frozen" && this.#phase === "live") this.#holdPicture();
    this.#phase = state.phase;
    if (state.phase === "live" && this.#behindMs > 0) this.#keepBehind(this.#behindMs);
    this.#options.onState(state);
  }
}

function isActive({ srcObject }: HTMLVideoElement): boolean {
  return srcObject instanceof MediaStream && srcObject.active;
}

/** Keep what `video` shows now on `held`. */
function hold(video: HTMLVideoElement, held: HTMLCanvasElement): void {
  held.width = video.videoWidth;
  held.height = video.videoHeight;
  held.getContext("2d")?.drawImage(video, 0, 0);
}

async function framesDecoded(connection: RTCPeerConnection): Promise<number> {
  for (const receiver of connection.getReceivers()) {
    if (receiver.track.kind !== "video") continue;
    for (const report of (await receiver.getStats()).values()) {
      if (report.type === "inbound-rtp") return report.framesDecoded ?? 0;
    }
  }
  return 0;
}
