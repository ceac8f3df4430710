/** What the lower half of the screen asks of the agent now: an alert to answer, or his own call. */

import type { Id, Instant, MobileAlert, MobileIntervention, StepState } from "../../shared/types.ts";
import type { Duty } from "./duty.ts";
import { byAge } from "./duty.ts";
import type { Press } from "./presses.ts";

export type Call =
  /** It rings until it is answered; `more` others wait behind it. */
  | { phase: "ringing"; alert: MobileAlert; more: number }
  /** Another unit was first. */
  | { phase: "taken"; alert: MobileAlert; call_sign: string }
  /** This unit's own: `waiting` says that the last press is not with the server yet. */
  | {
      phase: "mine";
      step: Exclude<StepState, "closed">;
      alert: MobileAlert | null;
      intervention: MobileIntervention | null;
      intervention_id: Id;
      waiting: boolean;
    };

/** The one call to show: what rings first, then this unit's own, then what another one took. */
export function callOf(duty: Duty, presses: readonly Press[], seen: ReadonlySet<Id>): Call | null {
  const ringing = ringingOf(duty, presses);
  if (ringing[0]) return { phase: "ringing", alert: ringing[0], more: ringing.length - 1 };
  return ownOf(duty, presses) ?? takenOf(duty, presses, seen);
}

/** The alerts that still want an answer of this unit, panic first, then the newest. */
export function ringingOf(duty: Duty, presses: readonly Press[]): MobileAlert[] {
  if (!duty.me?.shift) return [];
  const open = byAge(duty.alerts, sentAt).filter(
    (alert) => alert.state === "sent" && !alert.declined && !answerTo(alert.id, presses),
  );
  const urgent = (alert: MobileAlert): number => (alert.kind === "panic" ? 0 : 1);
  return open.toSorted((a, b) => urgent(a) - urgent(b));
}

function ownOf(duty: Duty, presses: readonly Press[]): Call | null {
  const { intervention } = duty;
  if (intervention?.mine && intervention.mine !== "closed") {
    const said = lastStep(intervention.id, presses);
    if (said === "closed") return null;
    const alert = intervention.alert_id ? (duty.alerts.get(intervention.alert_id) ?? null) : null;
    return {
      phase: "mine",
      step: said ?? intervention.mine,
      alert,
      intervention,
      intervention_id: intervention.id,
      waiting: said !== null,
    };
  }
  return pressedOf(duty, presses);
}

/** "J'y vais" was pressed and the server's answer is not here yet. */
function pressedOf(duty: Duty, presses: readonly Press[]): Call | null {
  for (const { act } of presses.toReversed()) {
    if (act.do !== "acknowledge") continue;
    const alert = duty.alerts.get(act.alert_id);
    if (!alert) continue;
    const said = lastStep(act.intervention_id, presses);
    if (said === "closed") continue;
    return {
      phase: "mine",
      step: said ?? "assigned",
      alert,
      intervention: null,
      intervention_id: act.intervention_id,
      waiting: true,
    };
  }
  return null;
}

function takenOf(duty: Duty, presses: readonly Press[], seen: ReadonlySet<Id>): Call | null {
  const taken = byAge(duty.alerts, sentAt).find(
    (alert) =>
      alert.state === "acknowledged" &&
      alert.acknowledged_by !== null &&
      !alert.mine &&
      !alert.declined &&
      !seen.has(alert.id) &&
      answerTo(alert.id, presses) !== "refuse",
  );
  const by = taken?.acknowledged_by;
  return taken && by ? { phase: "taken", alert: taken, call_sign: by.call_sign } : null;
}

function answerTo(alert_id: Id, presses: readonly Press[]): "acknowledge" | "refuse" | null {
  for (const { act } of presses) {
    if ((act.do === "acknowledge" || act.do === "refuse") && act.alert_id === alert_id) {
      return act.do;
    }
  }
  return null;
}

function lastStep(intervention_id: Id, presses: readonly Press[]) {
  const steps = presses.flatMap(({ act }) =>
    act.do === "step" && act.intervention_id === intervention_id ? [act.state] : [],
  );
  return steps.at(-1) ?? null;
}

function sentAt(alert: MobileAlert): Instant {
  return alert.sent_at ?? alert.raised_at;
}
