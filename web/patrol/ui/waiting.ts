/** What the phone still has to send, in words; empty when nothing. */

import { words } from "../words/index.ts";

export function sayWaiting(presses: number, fixes: number): string {
  const parts: string[] = [];
  if (presses > 0) parts.push(words("waiting.short", { count: presses }));
  if (fixes > 0) parts.push(words("waiting.fixes", { count: fixes }));
  return parts.join(", ");
}
