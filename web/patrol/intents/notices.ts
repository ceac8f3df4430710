/** Short sentences about what just happened; they go away by themselves, or by a press. */

import { sayProblem } from "../../shared/i18n/index.ts";
import { notices, type Notice } from "../state/store.ts";

const SHOWN_MS = 8_000;
const MOST = 3;
let last = 0;

export function notify(text: string, tone: Notice["tone"] = "quiet"): void {
  last += 1;
  const id = last;
  notices.value = [...notices.value, { id, tone, text }].slice(-MOST);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function notifyProblem(error: unknown): void {
  // The detail is the server's, for those who look into it; the sentence is ours, in his language.
  notify(sayProblem(error).title, "warn");
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
