/** Sends fixes every two seconds in batches; those that could not go wait on the phone. */

import { Problem } from "../../shared/problem.ts";
import type { Id } from "../../shared/types.ts";
import { BATCH, batchOf } from "../state/fixes.ts";
import { credentials, fixesWaiting, shift } from "../state/store.ts";
import { words } from "../words/index.ts";
import { api } from "./api.ts";
import { database } from "./keeping.ts";
import { notify } from "./notices.ts";

const EVERY_MS = 2_000;

interface Taken {
  stored: number;
  refused: { id: Id; code: string }[];
}

let sending: Promise<void> | null = null;
let clockIsWrong = false;

export function keepSendingFixes(): void {
  setInterval(() => {
    if (fixesWaiting.value > 0 && shift.value.state === "on") void sendFixes().catch(() => {});
  }, EVERY_MS);
}

/** Send what waits; throws `Problem` when the server can't be reached. */
export async function sendFixes(): Promise<void> {
  sending ??= sendAll().finally(() => {
    sending = null;
  });
  await sending;
}

async function sendAll(): Promise<void> {
  if (!credentials.value) return;
  for (;;) {
    const fixes = await database().oldestFixes(BATCH);
    if (fixes.length === 0) return;
    const ids = fixes.map(({ id }) => id);
    try {
      const batch = batchOf(fixes, new Date().toISOString());
      const taken = await api.post<Taken>("/mobile/positions", batch);
      sayClock(taken.refused.some(({ code }) => code === "bad-clock"));
    } catch (error) {
      const problem = Problem.of(error);
      // A break ends: what was seen before it waits. All other refusals are final.
      if (problem.isPassing || problem.status === 401 || problem.code === "on-break") throw problem;
    }
    fixesWaiting.value = await database().removeFixes(ids);
  }
}

function sayClock(isWrong: boolean): void {
  if (isWrong && !clockIsWrong) notify(words("gps.badClock"), "warn");
  clockIsWrong = isWrong;
}
