/** The only writer of what the page shows. Views read these signals and send intents. */

import { batch, computed, signal } from "@preact/signals";
import type { LinkState } from "../../shared/live.ts";
import { keep, kept, type ById } from "../../shared/store.ts";
import { setServerTime } from "../../shared/time.ts";
import type {
  Camera,
  Health,
  Id,
  LiveMessage,
  Me,
  Permission,
  Snapshot,
} from "../../shared/types.ts";
import { answered, EMPTY_ROOM, reduce, type Changed, type Room } from "./room.ts";
import { noteOf, type Note } from "./noteworthy.ts";
import { queueOf } from "./queue.ts";

export type Stage = "wall" | "map" | "board" | "playback" | "administration";
export type Selection = {
  kind: "alert" | "camera" | "unit" | "intervention" | "stream";
  id: Id;
};

/** Undefined: not asked yet; null: nobody is signed in. */
export const me = signal<Me | null | undefined>(undefined);
/** Why the last session ended, for the sign-in page to say. */
export const endedBecause = signal<"expired" | "revoked" | "left" | "unheard" | null>(null);
export const link = signal<LinkState>({ phase: "connecting" });
export const room = signal<Room>(EMPTY_ROOM);

export const stage = signal<Stage>("wall");
/** The region shown alone, when this window is on another screen. */
export const only = signal<"queue" | "stage" | "context" | null>(null);
export const selection = signal<Selection | null>(null);
/** The alert under the queue's keys. */
export const cursor = signal<Id | null>(null);
/** What the queue asks about that alert just now. */
export const question = signal<"reason" | "units" | null>(null);
export const theme = signal<"night" | "day">(kept<"night" | "day">("theme", "night"));
export const letterKeys = signal<boolean>(kept("letter-keys", true));
/** Why pictures are looked at just now; goes into the register with each viewing. */
export const motive = signal<string>("");
/** Null: all the communes this person may see. */
export const inView = signal<ReadonlySet<Id> | null>(null);

const scoped = <T extends { commune_id: Id }>(things: ById<T>): T[] => {
  const communes = inView.value;
  const all = [...things.values()];
  return communes ? all.filter(({ commune_id }) => communes.has(commune_id)) : all;
};

export const alerts = computed(() => scoped(room.value.alerts));
export const queue = computed(() => queueOf(alerts.value));
export const cameras = computed(() =>
  scoped(room.value.cameras)
    .filter(({ disabled_at }) => disabled_at === null)
    .toSorted((a, b) => a.number - b.number),
);
export const units = computed(() =>
  scoped(room.value.units).toSorted((a, b) =>
    a.call_sign.localeCompare(b.call_sign, undefined, { numeric: true }),
  ),
);
export const onShift = computed(() => units.value.filter(({ shift }) => shift !== null));
export const interventions = computed(() => scoped(room.value.interventions));
export const streams = computed(() =>
  scoped(room.value.streams).filter(({ ended_at }) => ended_at === null),
);
export const guidance = computed(() =>
  scoped(room.value.guidance).toSorted((a, b) => Date.parse(b.sent_at) - Date.parse(a.sent_at)),
);
export const health = computed<Health | null>(() => room.value.health);
/** What is wrong with pictures that do come in, by camera. */
export const impaired = computed(
  () => new Map((health.value?.cameras_impaired ?? []).map((one) => [one.id, one])),
);
/** What is analysed less often than it should be, by camera. */
export const behind = computed(
  () => new Map((health.value?.cameras_behind ?? []).map((one) => [one.id, one])),
);
/** Cameras of which a rule rests because they look elsewhere. */
export const offPreset = computed(() => new Set(health.value?.rules_resting.off_preset));
/** Cameras that a picture may not be asked of: out of law or out of reach. */
export const camerasDown = computed(() => cameras.value.filter(isDown));

export function isDown(camera: Camera): boolean {
  return camera.state !== null && !camera.state.up;
}

/** Whether the signed-in person has the right, in this commune or in any. */
export function may(permission: Permission, commune?: Id): boolean {
  return (me.value?.communes ?? []).some(
    ({ id, permissions }) =>
      (commune === undefined || id === commune) && permissions.includes(permission),
  );
}

export function communesWith(permission: Permission): Me["communes"] {
  return (me.value?.communes ?? []).filter(({ permissions }) => permissions.includes(permission));
}

const listeners = new Set<(note: Note) => void>();
export function onNote(listener: (note: Note) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function apply(message: LiveMessage): void {
  const note = noteOf(room.value, message, me.value?.person.id ?? null);
  batch(() => {
    room.value = reduce(room.value, message);
    if (message.type === "snapshot") takeSnapshot(message);
  });
  if (note) for (const listener of listeners) listener(note);
}

function takeSnapshot(snapshot: Snapshot): void {
  setServerTime(snapshot.now);
  if (snapshot.me) me.value = snapshot.me;
}

/** Take over what an answer brought, without waiting for the socket to say it as well. */
export function take(changed: Partial<Changed>): void {
  room.value = answered(room.value, changed);
}

export function forgetRoom(): void {
  batch(() => {
    room.value = EMPTY_ROOM;
    selection.value = null;
    cursor.value = null;
    question.value = null;
  });
}

export function chooseTheme(next: "night" | "day"): void {
  theme.value = next;
  keep("theme", next);
}

export function chooseLetterKeys(on: boolean): void {
  letterKeys.value = on;
  keep("letter-keys", on);
}
