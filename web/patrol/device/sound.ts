/** Sound and vibration: rising for an alert, a single tone for guidance, one for filming. */

import { soundAllowed } from "../state/store.ts";

type Tone = readonly [hertz: number, seconds: number];

const ALERT: readonly Tone[] = [[660, 0.18], [880, 0.18], [1175, 0.3]];
const PANIC: readonly Tone[] = [[1175, 0.15], [880, 0.15], [1175, 0.15], [880, 0.15], [1175, 0.3]];
const GUIDANCE: readonly Tone[] = [[740, 0.22]];
const FILM_STARTS: readonly Tone[] = [[990, 0.12], [1320, 0.12]];
const FILM_STOPS: readonly Tone[] = [[1320, 0.12], [990, 0.12]];
const SOUNDS = { ALERT, PANIC, GUIDANCE, FILM_STARTS, FILM_STOPS } as const;
export type Sound = keyof typeof SOUNDS;

const VIBRATIONS: Record<Sound, number[]> = {
  ALERT: [300, 120, 300, 120, 600],
  PANIC: [150, 80, 150, 80, 150, 80, 700],
  GUIDANCE: [250],
  FILM_STARTS: [120],
  FILM_STOPS: [60, 60, 60],
};

let context: AudioContext | null = null;

/** A browser plays only after a touch: call this from one. */
export function allowSound(): void {
  context ??= new AudioContext();
  void context.resume().then(() => {
    soundAllowed.value = context?.state === "running";
  });
}

/** Any touch will do. */
export function allowSoundAtFirstTouch(): void {
  const touched = (): void => {
    allowSound();
    if (context?.state === "running") removeEventListener("pointerdown", touched);
  };
  addEventListener("pointerdown", touched);
}

export function play(sound: Sound): void {
  vibrate(VIBRATIONS[sound]);
  if (context?.state !== "running") return;
  let at = context.currentTime + 0.02;
  for (const [hertz, seconds] of SOUNDS[sound]) {
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.type = "square"; // cuts through traffic on a small loudspeaker
    tone.frequency.value = hertz;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.5, at + 0.01);
    level.gain.setValueAtTime(0.5, at + seconds - 0.02);
    level.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(level).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.03;
  }
}

export function vibrate(pattern: number[]): void {
  // Refused before the first touch, absent on iOS: the sound and the picture are there too.
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(pattern);
}
