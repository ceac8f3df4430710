/** Looks where the phone is, on shift and not on a break, and nowhere else. */

import { effect } from "@preact/signals";
import { fixOf, isWorthKeeping } from "../state/fixes.ts";
import { mayLocate } from "../state/shift.ts";
import { fixesWaiting, gpsProblem, heading, position, shift } from "../state/store.ts";
import type { Position } from "../../shared/types.ts";
import { database } from "./keeping.ts";
import { notifyProblem } from "./notices.ts";

/** A standing phone's receiver falls silent: ask, so that the control room sees an age it trusts. */
const ASK_AFTER_MS = 12_000;
const OPTIONS: PositionOptions = { enableHighAccuracy: true, maximumAge: 1_000, timeout: 20_000 };

let lastKept: Position | null = null;
let watch: number | null = null;
let asking = 0;

export function followPosition(): void {
  effect(() => {
    if (mayLocate(shift.value)) start();
    else stop();
  });
}

/** Where the phone is, asked once: for an alarm off shift. Null when it can't be known in time. */
export function whereNow(timeout_ms: number): Promise<Position | null> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    const limit = setTimeout(() => resolve(null), timeout_ms);
    navigator.geolocation.getCurrentPosition(
      (found) => {
        clearTimeout(limit);
        resolve(fixOf(found, crypto.randomUUID()));
      },
      () => {
        clearTimeout(limit);
        resolve(null);
      },
      { ...OPTIONS, maximumAge: 30_000, timeout: timeout_ms },
    );
  });
}

function start(): void {
  if (watch !== null) return;
  if (!navigator.geolocation) {
    gpsProblem.value = "unavailable";
    return;
  }
  lastKept = null;
  watch = navigator.geolocation.watchPosition(take, fail, OPTIONS);
  asking = window.setInterval(() => {
    const age = lastKept ? Date.now() - Date.parse(lastKept.fixed_at) : Infinity;
    if (age > ASK_AFTER_MS) navigator.geolocation.getCurrentPosition(take, fail, OPTIONS);
  }, ASK_AFTER_MS / 2);
}

function stop(): void {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  clearInterval(asking);
  watch = null;
  lastKept = null;
  position.value = null;
  gpsProblem.value = null;
}

function take(found: GeolocationPosition): void {
  if (watch === null) return; // the shift ended while it was asked
  const fix = fixOf(found, crypto.randomUUID());
  gpsProblem.value = null;
  position.value = fix;
  if (fix.heading_deg !== null) heading.value = fix.heading_deg;
  if (!isWorthKeeping(lastKept, fix)) return;
  lastKept = fix;
  database()
    .addFix(fix)
    .then((count) => {
      fixesWaiting.value = count;
    })
    .catch(notifyProblem);
}

function fail(error: GeolocationPositionError): void {
  if (watch === null) return;
  if (error.code === error.PERMISSION_DENIED) gpsProblem.value = "denied";
  else if (error.code === error.POSITION_UNAVAILABLE) gpsProblem.value = "unavailable";
}
