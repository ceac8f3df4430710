/** The only writer of the phone's state is `intents/`; views read these signals. */

import { computed, signal } from "@preact/signals";
import type { LinkState } from "../../shared/live.ts";
import { now } from "../../shared/time.ts";
import type { Id, Instant, Point, Position } from "../../shared/types.ts";
import type { Problem } from "../../shared/problem.ts";
import { kept } from "../../shared/store.ts";
import { pageOf, type Page } from "./address.ts";
import { callOf } from "./calls.ts";
import { EMPTY_DUTY, type Duty } from "./duty.ts";
import { waitingOf, type Press } from "./presses.ts";
import { callSignOf, shiftOf } from "./shift.ts";
import { isNight } from "./sun.ts";
import { targetOf, unreadOf, wayTo } from "./targets.ts";

/** Both secrets were told once, at enrolment. */
export interface Credentials {
  token: string;
  device_id: Id;
  osmand: { url: string; id: string };
}

export type Phase =
  | { phase: "starting" }
  /** Nobody's phone yet. */
  | { phase: "new" }
  | { phase: "enrolled" }
  /** The administrator took this phone out; `lost` presses can no longer be sent. */
  | { phase: "revoked"; lost: number }
  /** The agent has no habilitation in force. */
  | { phase: "not-allowed"; problem: Problem }
  /** The browser keeps nothing here, so no press would be safe. */
  | { phase: "no-storage" };

export interface Notice {
  id: number;
  tone: "quiet" | "warn";
  text: string;
}

export interface Alarm {
  id: Id;
  at: Instant;
  /** When the server said that it has it. */
  arrived_at: Instant | null;
}

export type ThemeChoice = "auto" | "day" | "night";

export const phase = signal<Phase>({ phase: "starting" });
export const credentials = signal<Credentials | null>(null);
export const duty = signal<Duty>(EMPTY_DUTY);
export const presses = signal<readonly Press[]>([]);
export const fixesWaiting = signal(0);
export const link = signal<LinkState>({ phase: "connecting" });
/** Since when the phone itself says that it has no network (ms since the epoch). */
export const cutSince = signal<number | null>(null);
export const page = signal<Page>(pageOf(typeof location === "undefined" ? "" : location.hash));
export const notices = signal<readonly Notice[]>([]);
export const alarm = signal<Alarm | null>(null);

/** The newest fix, and why there is none. */
export const position = signal<Position | null>(null);
export const gpsProblem = signal<"denied" | "unavailable" | null>(null);
/** Which way the phone points, degrees from true north: from moving, else from its compass. */
export const heading = signal<number | null>(null);

/** Other units' calls that were read, and points that are no longer wanted. */
export const seen = signal<ReadonlySet<Id>>(new Set(kept<Id[]>("patrol.seen", [])));
export const cleared = signal<ReadonlySet<Id>>(new Set(kept<Id[]>("patrol.cleared", [])));

export const setUp = signal(kept("patrol.setUp", false));
export const soundAllowed = signal(false);
export const veiled = signal(false);
export const updateWaiting = signal(false);
/** Small pictures of cameras by default: a mobile network is slow and paid for. */
export const dataSaver = signal(kept("patrol.dataSaver", true));
export const themeChoice = signal<ThemeChoice>(kept<ThemeChoice>("patrol.theme", "auto"));

export const shift = computed(() => shiftOf(duty.value, presses.value));
export const callSign = computed(() => callSignOf(duty.value, shift.value));
export const call = computed(() => callOf(duty.value, presses.value, seen.value));
export const unread = computed(() => unreadOf(duty.value, presses.value));
export const target = computed(() => targetOf(duty.value, call.value, cleared.value));
export const waiting = computed(() =>
  waitingOf(presses.value, credentials.value?.device_id ?? null),
);

const PARIS: Point = { type: "Point", coordinates: [2.35, 48.86] };

export const theme = computed<"day" | "night">(() => {
  if (themeChoice.value !== "auto") return themeChoice.value;
  // Once a minute is enough for the sun.
  const minute = Math.floor(now.value / 60_000) * 60_000;
  const where = position.value?.point ?? duty.value.me?.commune.centre ?? PARIS;
  return isNight(minute, where) ? "night" : "day";
});

/** The way from here to a point; null while the phone does not know where it is. */
export function wayOf(to: Point | null) {
  const here = position.value;
  return here && to ? wayTo(here.point, to, heading.value) : null;
}
