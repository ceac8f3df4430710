/** Which alerts wait for somebody, and in which order. */

import type { Alert } from "../../shared/types.ts";

/** Panic above all, then what nobody has decided, what nobody was sent, what nobody answered. */
export function rank(alert: Alert): number {
  if (alert.kind === "panic" && (alert.state === "raised" || alert.state === "sent")) return 0;
  return { raised: 1, confirmed: 2, sent: 3, acknowledged: 4, resolved: 5, dismissed: 5 }[
    alert.state
  ];
}

export function isOpen(alert: Alert): boolean {
  return rank(alert) < 5;
}

/** The open alerts, most urgent first and the newest of equals first. */
export function queueOf(alerts: Iterable<Alert>): Alert[] {
  return [...alerts]
    .filter(isOpen)
    .toSorted((a, b) => rank(a) - rank(b) || Date.parse(b.raised_at) - Date.parse(a.raised_at));
}

/** The closed ones, the latest first: what was just dismissed can still be found. */
export function closedOf(alerts: Iterable<Alert>): Alert[] {
  const endedAt = (alert: Alert): number =>
    Date.parse(alert.resolved_at ?? alert.dismissed_at ?? alert.raised_at);
  return [...alerts].filter((alert) => !isOpen(alert)).toSorted((a, b) => endedAt(b) - endedAt(a));
}

/** The alert `step` places from `current`; the first when there is none. It does not wrap. */
export function neighbour(queue: readonly Alert[], current: string | null, step: 1 | -1): Alert | null {
  const at = queue.findIndex(({ id }) => id === current);
  if (at === -1) return queue[0] ?? null;
  return queue[Math.min(queue.length - 1, Math.max(0, at + step))] ?? null;
}

/**
 * Which alert is under the keys: the one that was chosen while it needs its operator, else the
 * first, so that two keys decide it. One that was sent gives way to one that waits for a decision,
 * and all to an alarm.
 */
export function underKeys(
  queue: readonly Alert[],
  current: string | null,
  answering: boolean,
): string | null {
  const chosen = queue.find(({ id }) => id === current);
  const first = queue[0];
  if (!chosen) return first?.id ?? null;
  // An agent's alarm comes before whatever is not being answered at this moment.
  if (first && rank(first) === 0 && rank(chosen) > 0 && !answering) return first.id;
  const isDone = rank(chosen) > 2;
  return isDone && !answering && first && rank(first) <= 1 ? first.id : chosen.id;
}

/** Whether it has waited too long for an answer: amber in the queue. */
export function isLate(alert: Alert, now: number, limit_s = 60): boolean {
  const since = alert.state === "raised" ? alert.raised_at : alert.sent_at;
  if ((alert.state !== "raised" && alert.state !== "sent") || since === null) return false;
  return now - Date.parse(since) > limit_s * 1000;
}
