/** Publishes a phone's camera and microphone by WHIP, and continues the stream after a cut. */

import type { Fetch } from "../api.ts";
import { Problem } from "../problem.ts";
import { encodings, Layers, resize, singleEncoding } from "./layers.ts";
import { newConnection, negotiate, Pause, retryAfterMs, type Session } from "./negotiation.ts";

const LOOK_EVERY_MS = 1_000;
const CONNECTED_WITHIN_MS = 10_000;
/** A path that is gone for this long is not waited for: a new session is there sooner. */
const DISCONNECTED_FOR_MS = 2_500;
/** Without a report from the other side for this long, nothing is known to arrive. */
const UNHEARD_AFTER_MS = 6_000;
const POOR_LOSS = 0.05;
const POOR_HEIGHT_PX = 360;

export type PublisherState =
  | { phase: "connecting" }
  | { phase: "live"; streamId: string }
  /** Cut; it goes on by itself at `retryAt` (ms since the epoch). */
  | { phase: "interrupted"; problem: Problem | null; retryAt: number }
  | { phase: "refused"; problem: Problem }
  | { phase: "ended" };

/** What the control room really receives. */
export interface Reception {
  quality: "sharp" | "poor" | "none";
  bitsPerSecond: number;
  height_px: number;
  /** 0..1, as the other side last reported. */
  loss: number;
}

export interface PublisherOptions {
  fetch: Fetch;
  /** The WHIP address; given the stream's id when it continues one that was cut. */
  path: (streamId: string | null) => string;
  media: MediaStream;
  onState: (state: PublisherState) => void;
  onReception: (reception: Reception) => void;
}

export class Publisher {
  streamId: string | null = null;

  readonly #options: PublisherOptions;
  readonly #stop = new AbortController();
  readonly #pause = new Pause();
  #connection: RTCPeerConnection | null = null;
  #session: Session | null = null;
  #restart: (() => void) | null = null;
  #atOnce = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#run(this.#stop.signal);
  }

  /** End the stream at the server; its camera and microphone stay the caller's to stop. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const session = this.#session;
    this.#session = null;
    this.#connection?.close();
    this.#options.onState({ phase: "ended" });
    await session?.end();
  }

  /** Show another camera, or mute with null, without a new negotiation. */
  async replaceTrack(kind: "video" | "audio", track: MediaStreamTrack | null): Promise<void> {
    const sender = this.#connection
      ?.getTransceivers()
      .find((transceiver) => transceiver.receiver.track.kind === kind)?.sender;
    await sender?.replaceTrack(track);
  }

  /** Try again now: the network is back. */
  again(): void {
    this.#pause.sooner();
    if (this.#connection?.connectionState !== "connected") this.#restart?.();
  }

  /** Take a new session at once: what received this one has been started again. */
  renew(): void {
    this.#atOnce = this.#restart !== null;
    this.#pause.sooner();
    this.#restart?.();
  }

  async #run(stop: AbortSignal): Promise<void> {
    for (let attempt = 0; !stop.aborted; attempt += 1) {
      let problem: Problem | null = null;
      try {
        if (await this.#runOnce(stop)) attempt = 0;
      } catch (error) {
        problem = Problem.of(error);
      }
      if (stop.aborted) return;
      if (problem?.status === 404 && this.streamId !== null) {
        // Away for so long that the server has ended the stream: it goes on as another one.
        this.streamId = null;
        problem = null;
      }
      if (problem && !problem.isPassing && problem.status !== 409) {
        this.#options.onState({ phase: "refused", problem });
        return;
      }
      const wait = this.#atOnce ? 0 : retryAfterMs(attempt);
      this.#atOnce = false;
      this.#options.onState({ phase: "interrupted", problem, retryAt: Date.now() + wait });
      this.#options.onReception({ quality: "none", bitsPerSecond: 0, height_px: 0, loss: 1 });
      await this.#pause.wait(wait, stop);
    }
  }

  /** One session, until it fails; tells whether it had connected. */
  async #runOnce(stop: AbortSignal): Promise<boolean> {
    const connection = newConnection();
    this.#connection = connection;
    try {
      if (this.streamId === null) this.#options.onState({ phase: "connecting" });
      this.#send(connection);
      this.#session = await negotiate(connection, {
        fetch: this.#options.fetch,
        path: this.#options.path(this.streamId),
        signal: stop,
      });
      this.streamId ??= this.#session.id;
      return await this.#watchOver(connection, stop);
    } finally {
      this.#restart = null;
      connection.close();
    }
  }

  #send(connection: RTCPeerConnection): void {
    const { media } = this.#options;
    for (const track of media.getTracks()) {
      if (track.kind === "video") preferH264(addVideo(connection, track, media));
      else connection.addTransceiver(track, { direction: "sendonly", streams: [media] });
    }
  }

  #watchOver(connection: RTCPeerConnection, stop: AbortSignal): Promise<boolean> {
    let connected = false;
    let gone = 0;
    const look = new Look();
    const layers = new Layers();
    const adapt = async (): Promise<void> => {
      this.#options.onReception(await look.at(connection));
      const change = layers.look(look.sent);
      const sender = connection.getSenders().find(({ track }) => track?.kind === "video");
      if (change && sender) await resize(sender, change);
    };
    return new Promise((resolve) => {
      const finish = (): void => {
        clearInterval(timer);
        clearTimeout(limit);
        clearTimeout(gone);
        resolve(connected);
      };
      const timer = setInterval(() => {
        if (connected) void adapt();
      }, LOOK_EVERY_MS);
      const limit = setTimeout(() => !connected && finish(), CONNECTED_WITHIN_MS);
      this.#restart = finish;
      connection.onconnectionstatechange = (): void => {
        const state = connection.connectionState;
        clearTimeout(gone);
        if (state === "disconnected") gone = window.setTimeout(finish, DISCONNECTED_FOR_MS);
        if (state === "connected") {
          connected = true;
          this.#options.onState({ phase: "live", streamId: this.streamId ?? "" });
        }
        if (state === "failed" || state === "closed") finish();
      };
      stop.addEventListener("abort", finish, { once: true });
    });
  }
}

/** In two sizes; in one where the browser does not know how. */
function addVideo(
  connection: RTCPeerConnection,
  track: MediaStreamTrack,
  media: MediaStream,
): RTCRtpTransceiver {
  const init: RTCRtpTransceiverInit = { direction: "sendonly", streams: [media] };
  try {
    return connection.addTransceiver(track, { ...init, sendEncodings: encodings() });
  } catch {
    return connection.addTransceiver(track, { ...init, sendEncodings: singleEncoding() });
  }
}

/** H264 is what every phone encodes in hardware; VP8 is there for those that can't. */
function preferH264(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const rank = (mime: string): number =>
    mime === "video/H264" ? 0 : mime === "video/VP8" ? 1 : /rtx|red|ulpfec/i.test(mime) ? 2 : 3;
  const known = codecs.filter(({ mimeType }) => rank(mimeType) < 3);
  if (known.length === 0) return;
  transceiver.setCodecPreferences(
    known.toSorted((a, b) => rank(a.mimeType) - rank(b.mimeType)),
  );
}

/** Reads what is sent and what the other side says of it. */
class Look {
  /** Bytes of each layer of the picture so far; one without a name when there is one only. */
  sent = new Map<string, number>();
  #at = performance.now();
  #heardOf: number | null = null;
  #heardAt = performance.now();

  async at(connection: RTCPeerConnection): Promise<Reception> {
    const reception: Reception = { quality: "none", bitsPerSecond: 0, height_px: 0, loss: 0 };
    const now = performance.now();
    const seconds = Math.max(0.1, (now - this.#at) / 1000);
    const before = this.sent;
    this.sent = new Map();
    this.#at = now;
    const losses: { at: number; loss: number }[] = [];
    for (const report of (await connection.getStats()).values()) {
      if (report.type === "outbound-rtp" && report.kind === "video") {
        const layer: string = report.rid ?? "";
        const grown = Math.max(0, report.bytesSent - (before.get(layer) ?? 0));
        this.sent.set(layer, report.bytesSent);
        reception.bitsPerSecond += (grown * 8) / seconds;
        // The largest that is really sent: what a paused layer would be helps nobody.
        if (grown > 0) reception.height_px = Math.max(reception.height_px, report.frameHeight ?? 0);
      }
      if (report.type === "remote-inbound-rtp" && report.kind === "video") {
        losses.push({ at: report.timestamp, loss: report.fractionLost ?? 0 });
      }
    }
    const heardOf = Math.max(...losses.map(({ at }) => at));
    // A paused layer's last report says nothing of now.
    const fresh = losses.filter(({ at }) => at > heardOf - UNHEARD_AFTER_MS);
    reception.loss = Math.max(0, ...fresh.map(({ loss }) => loss));
    if (losses.length > 0 && heardOf !== this.#heardOf) {
      this.#heardOf = heardOf;
      this.#heardAt = now;
    }
    const heard = now - this.#heardAt < UNHEARD_AFTER_MS;
    const poor = reception.loss > POOR_LOSS || reception.height_px < POOR_HEIGHT_PX;
    if (heard && reception.bitsPerSecond > 0) reception.quality = poor ? "poor" : "sharp";
    return reception;
  }
}
