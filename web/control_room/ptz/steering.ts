/** Moves one camera at a time: what is held is said again, one request at a time, the newest next. */

import { signal } from "@preact/signals";
import { Problem } from "../../shared/problem.ts";
import type { Id } from "../../shared/types.ts";
import { api } from "../intents/api.ts";
import { isStill, STILL, type Velocity } from "./hands.ts";

/** The server stops the camera 600 ms after the last. */
const AGAIN_MS = 250;

export interface Head {
  presets: { token: string; name: string }[];
  tours: { token: string; name: string; is_running: boolean }[];
  at: { looking: "at-preset" | "moving" | "elsewhere" | "unknown"; preset: string | null };
}

export type PtzAct =
  | { act: "preset" | "tour-start" | "tour-stop"; what: string }
  | { act: "keep"; name: string; what?: string }
  | { act: "turn"; pan: number; tilt: number };

/** The camera that this desk moves. */
export const steered = signal<Id | null>(null);

export class Steering {
  readonly #camera: Id;
  readonly #onProblem: (problem: Problem | null) => void;
  #held: Velocity = STILL;
  #said: Velocity = STILL;
  #sending = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(camera: Id, onProblem: (problem: Problem | null) => void) {
    this.#camera = camera;
    this.#onProblem = onProblem;
  }

  /** What the hands do now; still: stop. */
  hold(velocity: Velocity): void {
    this.#held = velocity;
    if (!same(this.#held, this.#said)) void this.#say();
  }

  async act(act: PtzAct): Promise<void> {
    try {
      await api.post(`/cameras/${this.#camera}/ptz/act`, act);
      this.#onProblem(null);
    } catch (error) {
      this.#onProblem(Problem.of(error));
    }
  }

  head(): Promise<Head> {
    return api.get<Head>(`/cameras/${this.#camera}/ptz`);
  }

  async take(): Promise<void> {
    try {
      await api.post(`/cameras/${this.#camera}/ptz/lock`, { over: true });
      this.#onProblem(null);
    } catch (error) {
      this.#onProblem(Problem.of(error));
    }
  }

  /** Stop, and let the others have it. */
  async leave(): Promise<void> {
    const moved = !isStill(this.#said);
    this.#held = this.#said = STILL;
    if (this.#timer) clearTimeout(this.#timer);
    try {
      if (moved) await api.post(`/cameras/${this.#camera}/ptz/movement`, STILL);
      await api.delete(`/cameras/${this.#camera}/ptz/lock`);
    } catch {
      // It stops by itself, and is free by itself.
    }
  }

  async #say(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const velocity = this.#held;
    this.#said = velocity;
    let failed = false;
    try {
      await api.post(`/cameras/${this.#camera}/ptz/movement`, velocity);
      this.#onProblem(null);
    } catch (error) {
      const problem = Problem.of(error);
      this.#said = STILL;
      if (!problem.isPassing) this.#held = STILL; // refused: pressing again is to be meant
      this.#onProblem(problem);
      failed = true;
    } finally {
      this.#sending = false;
    }
    if (!failed && !same(this.#held, this.#said)) void this.#say();
    else if (!isStill(this.#held)) this.#timer = setTimeout(() => void this.#say(), AGAIN_MS);
  }
}

const same = (a: Velocity, b: Velocity): boolean =>
  a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;
