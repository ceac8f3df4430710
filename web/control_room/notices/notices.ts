/** Short notices: what was done, with a way back for ten seconds; what was refused, and why. */

import { signal } from "@preact/signals";
import { sayProblem } from "../../shared/i18n/index.ts";

export const UNDO_WITHIN_MS = 10_000;
const READ_WITHIN_MS = 6_000;
const MOST = 4;

export interface Notice {
  id: number;
  tone: "done" | "fault";
  text: string;
  detail?: string;
  /** What it is about: once that can't be taken back any more, the way back goes. */
  about?: string;
  until: number;
  undo?: () => void;
}

export const notices = signal<readonly Notice[]>([]);
/** What a screen reader is told: politely, or by interrupting. */
export const polite = signal("");
export const assertive = signal("");

let last = 0;

export function notify(notice: Omit<Notice, "id" | "until">): void {
  last += 1;
  const id = last;
  const lasts = notice.undo ? UNDO_WITHIN_MS : READ_WITHIN_MS;
  notices.value = [...notices.value, { ...notice, id, until: Date.now() + lasts }].slice(-MOST);
  (notice.tone === "fault" ? assertive : polite).value = notice.text;
  setTimeout(() => dismissNotice(id), lasts);
}

export function fault(error: unknown): void {
  const { title, detail } = sayProblem(error);
  notify({ tone: "fault", text: title, detail });
}

export function dismissNotice(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** What was done about `about` can't be taken back any more. */
export function noWayBack(about: string): void {
  notices.value = notices.value.filter((notice) => !(notice.undo && notice.about === about));
}

/** Take back the latest act that can be. */
export function undoLatest(): void {
  const latest = notices.value.findLast(({ undo }) => undo);
  if (!latest) return;
  dismissNotice(latest.id);
  latest.undo?.();
}
