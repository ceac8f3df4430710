/** Days as forms write them, in this browser's time zone. */

import { toField } from "../../shared/moments.ts";
import type { Instant } from "../../shared/types.ts";

/** `2026-11-21` for an instant. */
export function dayOf(instant: Instant): string {
  return toField(Date.parse(instant)).slice(0, 10);
}

/** The first moment of a day. */
export function startOf(day: string): Instant {
  return new Date(`${day}T00:00:00`).toISOString();
}

/** The first moment after a day: an end is not included. */
export function endOf(day: string): Instant {
  const after = new Date(`${day}T00:00:00`);
  after.setDate(after.getDate() + 1);
  return after.toISOString();
}

/** The last day that an end, not included, still leaves. */
export function lastDayOf(end: Instant): string {
  return dayOf(new Date(Date.parse(end) - 1).toISOString());
}

export function inYears(years: number, from: number): string {
  const date = new Date(from);
  date.setFullYear(date.getFullYear() + years);
  return dayOf(date.toISOString());
}
