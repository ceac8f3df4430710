/** Answers to alerts, and what the phone says of them by itself. */

import { effect } from "@preact/signals";
import { keep } from "../../shared/store.ts";
import type { Id, MobileAlert } from "../../shared/types.ts";
import { cleared, duty, seen, shift, target } from "../state/store.ts";
import { press } from "./outbox.ts";

const MOST_REMEMBERED = 100;

/** "J'y vais": the alert is this unit's, and it is on its way; both travel as one wish. */
export function go(alert: MobileAlert): void {
  const intervention_id = alert.intervention_id ?? crypto.randomUUID();
  press(
    { do: "acknowledge", alert_id: alert.id, intervention_id },
    { do: "step", intervention_id, state: "en-route" },
  );
}

export function cannot(alert: MobileAlert, reason: string): void {
  press({ do: "refuse", alert_id: alert.id, reason });
}

export function step(intervention_id: Id, state: "en-route" | "on-scene" | "closed"): void {
  press({ do: "step", intervention_id, state });
  const point = target.value;
  // What led there leads nowhere any more.
  if (state === "closed" && point?.from === "guidance") clearTarget(point.id);
}

/** Another unit's call was read: it need not be shown again. */
export function sawTaken(alert_id: Id): void {
  seen.value = remembered("patrol.seen", seen.value, alert_id);
}

export function read(guidance_id: Id): void {
  press({ do: "guidance-reading", guidance_id });
}

/** The point on the map is reached, or no longer wanted. */
export function clearTarget(id: Id): void {
  cleared.value = remembered("patrol.cleared", cleared.value, id);
}

/** Say that what came is on this phone: 'arrived', which is neither 'read' nor 'accepted'. */
export function sayArrivals(): void {
  const said = new Set<Id>();
  effect(() => {
    if (shift.value.state === "off") return;
    for (const alert of duty.value.alerts.values()) {
      if (alert.state !== "sent" || said.has(alert.id)) continue;
      said.add(alert.id);
      queueMicrotask(() => press({ do: "alert-arrival", alert_id: alert.id }));
    }
    for (const guidance of duty.value.guidance.values()) {
      if (guidance.arrived_at !== null || said.has(guidance.id)) continue;
      said.add(guidance.id);
      queueMicrotask(() => press({ do: "guidance-arrival", guidance_id: guidance.id }));
    }
  });
}

function remembered(name: string, before: ReadonlySet<Id>, id: Id): ReadonlySet<Id> {
  const ids = [...before, id].slice(-MOST_REMEMBERED);
  keep(name, ids);
  return new Set(ids);
}
