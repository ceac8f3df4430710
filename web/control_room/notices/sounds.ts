/** Tones, made by the browser: few, distinct, rising with urgency, never two at a time. */

import { signal } from "@preact/signals";
import { keep, kept } from "../../shared/store.ts";

export type Tone = "panic" | "alert" | "stream" | "notice" | "low";

/** Each step: frequency in hertz, start and length in seconds. */
const TONES: Record<Tone, readonly (readonly [number, number, number])[]> = {
  panic: [
    [740, 0, 0.16],
    [988, 0.18, 0.16],
    [1319, 0.36, 0.3],
  ],
  alert: [
    [660, 0, 0.14],
    [880, 0.18, 0.22],
  ],
  stream: [
    [523, 0, 0.12],
    [523, 0.2, 0.12],
    [784, 0.4, 0.2],
  ],
  notice: [[587, 0, 0.16]],
  low: [
    [330, 0, 0.2],
    [262, 0.24, 0.3],
  ],
};
const LOUDNESS: Record<Tone, number> = { panic: 0.5, alert: 0.3, stream: 0.3, notice: 0.15, low: 0.2 };
const RANK: Record<Tone, number> = { panic: 4, alert: 3, stream: 2, notice: 1, low: 1 };

export const muted = signal<boolean>(kept("muted", false));
/** Browsers play nothing before the page is touched; the bar says so. */
export const waitsForTouch = signal(true);

let context: AudioContext | null = null;
let playing: { rank: number; until: number; stop: () => void } | null = null;

/** Make sound possible; call it from a press or a key. */
export function allowSound(): void {
  context ??= new AudioContext();
  void context.resume().then(() => {
    waitsForTouch.value = context?.state !== "running";
  });
}

/** See whether sound is possible already, as where the browser's policy lets it. */
export function trySound(): void {
  context ??= new AudioContext();
  waitsForTouch.value = context.state !== "running";
  context.onstatechange = (): void => {
    waitsForTouch.value = context?.state !== "running";
  };
}

export function toggleMute(): void {
  muted.value = !muted.value;
  keep("muted", muted.value);
  if (muted.value) playing?.stop();
}

/** Play a tone, unless one as urgent plays; a more urgent one cuts it short. */
export function play(tone: Tone): void {
  if (muted.value || !context || context.state !== "running") return;
  const at = context.currentTime;
  if (playing && playing.until > at) {
    if (playing.rank >= RANK[tone]) return;
    playing.stop();
  }
  const volume = context.createGain();
  volume.gain.value = LOUDNESS[tone];
  volume.connect(context.destination);
  const oscillators = TONES[tone].map(([hertz, start, length]) =>
    beep(context as AudioContext, volume, hertz, at + start, length),
  );
  const until = at + Math.max(...TONES[tone].map(([, start, length]) => start + length));
  const stop = (): void => oscillators.forEach((oscillator) => oscillator.stop());
  playing = { rank: RANK[tone], until, stop };
}

function beep(
  audio: AudioContext,
  to: AudioNode,
  hertz: number,
  at: number,
  length: number,
): OscillatorNode {
  const oscillator = audio.createOscillator();
  const envelope = audio.createGain();
  oscillator.type = "triangle";
  oscillator.frequency.value = hertz;
  // A short rise and fall: a tone that starts at once clicks.
  envelope.gain.setValueAtTime(0, at);
  envelope.gain.linearRampToValueAtTime(1, at + 0.02);
  envelope.gain.setValueAtTime(1, at + length - 0.04);
  envelope.gain.linearRampToValueAtTime(0, at + length);
  oscillator.connect(envelope).connect(to);
  oscillator.start(at);
  oscillator.stop(at + length);
  return oscillator;
}
