/** A voice on its way to a camera: the microphone opens once, and is heard while a key is held. */

import { Problem } from "../../shared/problem.ts";
import { negotiate, newConnection, type Session } from "../../shared/webrtc/negotiation.ts";
import { api } from "../intents/api.ts";

const CONNECTED_WITHIN_MS = 10_000;

export class NoMicrophone extends Error {}

export class Voice {
  readonly #onOver: () => void;
  readonly #stop = new AbortController();
  readonly #connection = newConnection();
  #microphone: MediaStream | null = null;
  #session: Session | null = null;
  #sound: AudioContext | null = null;
  #analyser: AnalyserNode | null = null;
  #samples = new Float32Array(0);

  constructor(onOver: () => void) {
    this.#onOver = onOver;
    addEventListener("pagehide", this.#leave);
  }

  /** Ask for the microphone, then for the camera; resolves once what is said will be heard there. */
  async begin(path: string): Promise<void> {
    try {
      const microphone = await openMicrophone();
      this.#microphone = microphone;
      this.#stop.signal.throwIfAborted();
      const [track] = microphone.getAudioTracks();
      if (!track) throw new NoMicrophone();
      this.hold(false);
      this.#listenTo(microphone);
      this.#connection.addTransceiver(track, { direction: "sendonly" });
      this.#session = await negotiate(this.#connection, {
        fetch: api.fetch,
        path,
        signal: this.#stop.signal,
      });
      await this.#connected();
      this.#connection.onconnectionstatechange = (): void => {
        if (isOver(this.#connection)) this.#over();
      };
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Whether what is said goes out. */
  hold(held: boolean): void {
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = held;
  }

  /** How loud it is now, 0..1; of what is not let out, nothing. */
  level(): number {
    this.#analyser?.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, one) => sum + one * one, 0);
    return Math.min(1, 4 * Math.sqrt(power / Math.max(1, this.#samples.length)));
  }

  async end(): Promise<void> {
    removeEventListener("pagehide", this.#leave);
    this.#stop.abort();
    this.#connection.onconnectionstatechange = null;
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#connection.close();
    void this.#sound?.close().catch(() => undefined);
    this.#sound = this.#analyser = null;
    const session = this.#session;
    this.#session = null;
    await session?.end();
  }

  readonly #leave = (): void => void this.end();

  #over(): void {
    void this.end();
    this.#onOver();
  }

  #listenTo(microphone: MediaStream): void {
    this.#sound = new AudioContext();
    this.#analyser = this.#sound.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#sound.createMediaStreamSource(microphone).connect(this.#analyser);
  }

  #connected(): Promise<void> {
    const connection = this.#connection;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(Problem.timeout()), CONNECTED_WITHIN_MS);
      const look = (): void => {
        if (connection.connectionState === "connected") {
          clearTimeout(limit);
          resolve();
        } else if (isOver(connection)) {
          clearTimeout(limit);
          reject(Problem.timeout());
        }
      };
      connection.onconnectionstatechange = look;
      look();
    });
  }
}

const isOver = ({ connectionState }: RTCPeerConnection): boolean =>
  connectionState === "failed" || connectionState === "closed";

async function openMicrophone(): Promise<MediaStream> {
  try {
    // The loudspeaker is in the street: there is no echo to be taken out of the room's sound.
    const audio = { echoCancellation: false, noiseSuppression: true, autoGainControl: true };
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch {
    throw new NoMicrophone();
  }
}
