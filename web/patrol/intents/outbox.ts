/** Sends presses, in order, once each, whenever the network lets them; two lanes, alarms first. */

import { Problem } from "../../shared/problem.ts";
import { serverNow } from "../../shared/time.ts";
import type { Guidance, MobileAlert, MobileIntervention, MobileMe } from "../../shared/types.ts";
import { retryAfterMs } from "../../shared/webrtc/negotiation.ts";
import { answered } from "../state/duty.ts";
import {
  nextPress,
  redirected,
  requestOf,
  withoutPress,
  withoutSteps,
  withPress,
  type Act,
  type Lane,
  type Press,
} from "../state/presses.ts";
import { alarm, credentials, duty, presses } from "../state/store.ts";
import { words } from "../words/index.ts";
import { api } from "./api.ts";
import { database } from "./keeping.ts";
import { notify, notifyProblem } from "./notices.ts";
import { sendFixes } from "./fixes.ts";

const busy = new Set<Lane>();
const retries = new Map<Lane, number>();
const attempts = new Map<Lane, number>();

/** Keep what was pressed, then send it; it counts on this screen from now on. */
export function press(...acts: Act[]): void {
  const device_id = credentials.value?.device_id;
  if (!device_id) return;
  const at = new Date(serverNow()).toISOString();
  for (const act of acts) {
    const seq = 1 + Math.max(0, ...presses.value.map((other) => other.seq));
    const made: Press = { id: crypto.randomUUID(), seq, device_id, at, act };
    presses.value = withPress(presses.value, made);
  }
  void database().keepPresses(presses.value).catch(notifyProblem);
  sendNow();
}

/** The network may be back: try what waits, at once. */
export function sendNow(): void {
  for (const lane of ["alarm", "rest"] as const) {
    clearTimeout(retries.get(lane));
    void drain(lane);
  }
}

async function drain(lane: Lane): Promise<void> {
  if (busy.has(lane)) return;
  busy.add(lane);
  try {
    for (;;) {
      const device_id = credentials.value?.device_id;
      const next = device_id ? nextPress(presses.value, lane, device_id) : null;
      if (!next) return;
      try {
        await send(next);
        attempts.delete(lane);
      } catch (error) {
        const problem = Problem.of(error);
        if (problem.isPassing || problem.status === 401) {
          later(lane);
          return;
        }
        refused(next, problem);
      }
      settle(withoutPress(presses.value, next.id));
    }
  } finally {
    busy.delete(lane);
  }
}

function later(lane: Lane): void {
  const attempt = attempts.get(lane) ?? 0;
  attempts.set(lane, attempt + 1);
  clearTimeout(retries.get(lane));
  retries.set(
    lane,
    window.setTimeout(() => void drain(lane), retryAfterMs(attempt)),
  );
}

async function send({ act }: Press): Promise<void> {
  // The server takes fixes on shift only: those from before go first.
  if (act.do === "end-shift" || act.do === "break") await sendFixes();
  const { method, path, body } = requestOf(act);
  const answer = method === "POST" ? await api.post(path, body) : await api.delete(path);
  understand(act, answer);
}

function understand(act: Act, answer: unknown): void {
  switch (act.do) {
    case "alarm":
      if (alarm.value?.id === act.alarm_id) {
        alarm.value = { ...alarm.value, arrived_at: new Date(serverNow()).toISOString() };
      }
      return;
    case "acknowledge": {
      const { alert, intervention } = answer as {
        alert: MobileAlert;
        intervention: MobileIntervention;
      };
      settle(redirected(presses.value, act.intervention_id, intervention.id));
      duty.value = answered(duty.value, { alert, intervention });
      return;
    }
    case "alert-arrival":
    case "refuse":
      duty.value = answered(duty.value, { alert: answer as MobileAlert });
      return;
    case "stop-film":
      return;
    case "step":
      duty.value = answered(duty.value, { intervention: answer as MobileIntervention });
      return;
    case "guidance-arrival":
    case "guidance-reading":
      duty.value = answered(duty.value, { guidance: answer as Guidance });
      return;
    default:
      duty.value = answered(duty.value, { me: answer as MobileMe });
  }
}

/** The server said no for good: the press goes, and the agent is told why. */
function refused({ act }: Press, problem: Problem): void {
  // A stream that is not there any more has stopped; an alert that is over needs no arrival.
  if (["alert-arrival", "guidance-arrival", "stop-film"].includes(act.do)) return;
  // What was wanted is so already: somebody else has closed it.
  if (act.do === "step" && act.state === "closed" && problem.code === "intervention-closed") return;
  if (act.do === "acknowledge") settle(withoutSteps(presses.value, act.intervention_id));
  if (act.do === "acknowledge" && problem.code === "alert-already-acknowledged") {
    const { unit_id, call_sign } = problem.body as unknown as { unit_id: string; call_sign: string };
    const alert = duty.value.alerts.get(act.alert_id);
    if (alert) {
      const taken = { ...alert, state: "acknowledged", acknowledged_by: { unit_id, call_sign } };
      duty.value = answered(duty.value, { alert: taken as MobileAlert });
    }
    notify(words("call.taken", { unit: call_sign }), "warn");
    return;
  }
  notifyProblem(problem);
}

function settle(next: readonly Press[]): void {
  presses.value = next;
  void database().keepPresses(next).catch(notifyProblem);
}
