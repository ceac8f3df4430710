/** Turns what is noteworthy into one tone and one sentence; panic rings until somebody takes it. */

import { computed, effect } from "@preact/signals";
import { say } from "../../shared/i18n/index.ts";
import type { Note } from "../state/noteworthy.ts";
import { alerts, onNote, queue, room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Falling } from "./falling.ts";
import { assertive, notify, polite } from "./notices.ts";
import { play, trySound, type Tone } from "./sounds.ts";

const TONE: Record<Note["what"], Tone> = {
  panic: "panic",
  alert: "alert",
  stream: "stream",
  "camera-down": "low",
  impaired: "low",
  suspended: "low",
  "camera-back": "notice",
  accepted: "notice",
  unable: "notice",
};
const RING_EVERY_MS = 2_500;

/** Alarms that nobody has taken: they go on ringing at all desks. */
export const ringing = computed(() =>
  alerts.value.filter(
    ({ kind, state, handled_by, acknowledged_by }) =>
      kind === "panic" &&
      (state === "raised" || state === "sent") &&
      !handled_by &&
      !acknowledged_by,
  ),
);

export function followNotes(): () => void {
  trySound();
  const falling = new Falling();
  const stopNotes = onNote((note) => {
    const fallen = note.what === "camera-down" ? falling.add(note.id, Date.now()) : [];
    if (fallen.length > 1) {
      polite.value = words("said.cameras-down", {
        count: fallen.length,
        cameras: fallen.map((id) => room.value.cameras.get(id)?.name ?? "").join(", "),
      });
      return;
    }
    play(TONE[note.what]);
    // Nobody asked for it, least of all who dismissed the alert that did it.
    if (note.what === "suspended") return notify({ tone: "done", text: sentenceOf(note) });
    const region = note.what === "panic" || note.what === "alert" ? assertive : polite;
    region.value = sentenceOf(note);
  });
  let timer: ReturnType<typeof setInterval> | null = null;
  const stopRinging = effect(() => {
    const rings = ringing.value.length > 0;
    if (rings && timer === null) timer = setInterval(() => play("panic"), RING_EVERY_MS);
    if (!rings && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  });
  // The tab says how much waits, for who looks at another one.
  const stopTitle = effect(() => {
    const waiting = queue.value.filter(({ state }) => state === "raised").length;
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}Ilotier · ${words("signIn.title")}`;
  });
  return () => {
    stopTitle();
    stopNotes();
    stopRinging();
    if (timer !== null) clearInterval(timer);
  };
}

function sentenceOf(note: Note): string {
  const { alerts: all, cameras, streams, units } = room.value;
  switch (note.what) {
    case "panic":
    case "alert": {
      const alert = all.get(note.id);
      const kind = alert ? say(`kind.${alert.kind}`) : "";
      const service = alert ? say(`service.${alert.service}`) : "";
      return words("said.alert", { kind, place: alert?.place ?? "", service });
    }
    case "stream":
      return words("said.stream", { unit: streams.get(note.id)?.call_sign ?? "" });
    case "accepted":
    case "unable":
      return words(`said.${note.what}`, { unit: units.get(note.unitId)?.call_sign ?? "" });
    case "camera-down":
    case "camera-back":
      return words(`said.${note.what}`, { camera: cameras.get(note.id)?.name ?? "" });
    case "suspended":
      return words("said.suspended", {
        kind: say(`kind.${note.kind}`),
        camera: cameras.get(note.id)?.name ?? "",
      });
    case "impaired":
      return [words(`camera.${note.of}`), ...note.ids.map((id) => cameras.get(id)?.name)].join(", ");
  }
}
