/** Moments by the clock on the wall here, also in the hour that comes twice. Pure. */

import { sayClock } from "./time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The value of `<input type="datetime-local" step="1">`: `2026-11-28T21:14:05`. */
export function toField(at: number): string {
  return new Date(localMs(at)).toISOString().slice(0, 19);
}

/**
 * The moments at which clocks here show the value of such a field, in order: two in the hour that
 * comes twice in autumn, none in the one that spring leaves out.
 */
export function momentsOf(field: string): number[] {
  const local = Date.parse(`${field}Z`);
  if (Number.isNaN(local)) return [];
  const around = [local - DAY_MS, local + DAY_MS].map((at) => local - (localMs(at) - at));
  return [...new Set(around)].filter((at) => localMs(at) === local).toSorted((a, b) => a - b);
}

/** `21:14:05`, and by which zone in the hour that comes twice: `02:30:00 UTC+1`. */
export function sayTime(at: number): string {
  return sayClock(at) + zoneOf(at);
}

/** `UTC+1`, `UTC−3:30` */
export function sayZone(at: number): string {
  const minutes = (localMs(at) - at) / MINUTE_MS;
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest > 0 ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

function zoneOf(at: number): string {
  return momentsOf(toField(at)).length > 1 ? ` ${sayZone(at)}` : "";
}

/** What a clock here shows, as if it were UTC. */
const localMs = (at: number): number => at - new Date(at).getTimezoneOffset() * MINUTE_MS;
