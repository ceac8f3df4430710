/** Rings while something waits for the agent: sound and vibration, until it is answered. */

import { effect } from "@preact/signals";
import { play } from "../device/sound.ts";
import { keepScreenOn } from "../device/wake_lock.ts";
import { call, unread } from "../state/store.ts";

const EVERY_MS = 3_000;
const GUIDANCE_EVERY_MS = 10_000;

export function ring(): void {
  let timer = 0;
  let sounding = "";
  effect(() => {
    const now = call.value;
    const card = unread.value[0];
    const alert = now?.phase === "ringing" ? now.alert : null;
    const why = alert ? `alert ${alert.id}` : card ? `guidance ${card.id}` : "";
    keepScreenOn("call", now?.phase === "ringing" || now?.phase === "mine" || card !== undefined);
    if (why === sounding) return;
    sounding = why;
    clearInterval(timer);
    if (!why) return;
    const sound = alert ? (alert.kind === "panic" ? "PANIC" : "ALERT") : "GUIDANCE";
    play(sound);
    timer = window.setInterval(() => play(sound), alert ? EVERY_MS : GUIDANCE_EVERY_MS);
  });
}
