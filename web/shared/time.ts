/** Times as people say them, and ages that tick. All functions are of data and time alone. */

import { signal } from "@preact/signals";
import type { Instant, Locale } from "./types.ts";

/** The server's time, in milliseconds since the epoch; it moves once a second. */
export const now = signal(Date.now());

let offset_ms = 0;

/** Set the page's clock by the server's: what was `at` there is this moment here. */
export function setServerTime(at: Instant): void {
  offset_ms = Date.parse(at) - Date.now();
  now.value = serverNow();
}

/** The server's time now, to the millisecond. */
export function serverNow(): number {
  return Date.now() + offset_ms;
}

/** Let `now` tick at each full second until the returned function is called. */
export function tick(): () => void {
  let timer = 0;
  const next = (): void => {
    now.value = serverNow();
    timer = window.setTimeout(next, 1000 - (serverNow() % 1000) + 5);
  };
  next();
  return () => window.clearTimeout(timer);
}

/** Whole seconds from `instant` to `at`, never negative: clocks differ by a little. */
export function ageSeconds(instant: Instant, at: number): number {
  return Math.max(0, Math.floor((at - Date.parse(instant)) / 1000));
}

/** An age in the fewest words: `4 s`, `2 min 05`, `1 h 12`, `3 j`. */
export function sayAge(seconds: number, locale: Locale): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes} min ${pad(seconds % 60)}`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${pad(minutes % 60)}`;
  const days = Math.floor(hours / 24);
  return locale === "fr" ? `${days} j` : `${days} d`;
}

/** `21:14:05` in local time. */
export function sayClock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** `21:14:05` today, `hier 23:40`, `mar. 18 nov. 08:02`, and with the year when it is another. */
export function sayWhen(instant: Instant, at: number, locale: Locale): string {
  const date = new Date(instant);
  const days = calendarDays(date, new Date(at));
  if (days === 0) return sayClock(date.getTime());
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (days === 1) return `${locale === "fr" ? "hier" : "yesterday"} ${clock}`;
  if (days === -1) return `${locale === "fr" ? "demain" : "tomorrow"} ${clock}`;
  return `${sayDay(instant, at, locale)} ${clock}`;
}

/** The day alone: `mar. 18 nov.`, with the year when it is not this one. */
export function sayDay(instant: Instant, at: number, locale: Locale): string {
  const date = new Date(instant);
  const sameYear = date.getFullYear() === new Date(at).getFullYear();
  return date.toLocaleDateString(locale === "fr" ? "fr-FR" : "en-GB", {
    ...(sameYear ? { weekday: "short" } : { year: "numeric" }),
    day: "numeric",
    month: "short",
  });
}

/** Everything, for the hover and the register: `21/11/2026 21:14:05 UTC+1`. */
export function sayAbsolute(instant: Instant, locale: Locale): string {
  return new Date(instant).toLocaleString(locale === "fr" ? "fr-FR" : "en-GB", {
    dateStyle: "short",
    timeStyle: "long",
  });
}

/** How far an age has gone towards being too old to trust: 1 is fresh, 0 is at `limit_s`. */
export function freshness(seconds: number, limit_s: number): number {
  return Math.min(1, Math.max(0, 1 - seconds / limit_s));
}

function calendarDays(from: Date, to: Date): number {
  const day = (date: Date): number =>
    Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
  return day(to) - day(from);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** How far a clock is ahead, `+340 ms` or `−4,2 s`. */
export function sayOffset(ms: number, locale: Locale): string {
  const sign = ms < 0 ? "−" : "+";
  const size = Math.abs(ms);
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  const seconds = (size / 1000).toLocaleString(locale, { maximumFractionDigits: 1 });
  return `${sign}${seconds} s`;
}
