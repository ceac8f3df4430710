/** The agent's presses that wait to be sent: each has an id made here, and takes effect once. */

import type { Id, Instant, Point } from "../../shared/types.ts";

export type Act =
  | { do: "alarm"; alarm_id: Id; point: Point | null; fixed_at: Instant | null }
  | { do: "alert-arrival"; alert_id: Id }
  | { do: "acknowledge"; alert_id: Id; intervention_id: Id }
  | { do: "refuse"; alert_id: Id; reason: string }
  | { do: "step"; intervention_id: Id; state: "en-route" | "on-scene" | "closed" }
  | { do: "guidance-arrival"; guidance_id: Id }
  | { do: "guidance-reading"; guidance_id: Id }
  | { do: "stop-film"; stream_id: Id }
  | { do: "break" }
  | { do: "resume" }
  | { do: "end-shift" };

export interface Press {
  id: Id;
  /** The order of the presses on this phone. */
  seq: number;
  /** Whose it is: what one device could not send is not sent by another. */
  device_id: Id;
  at: Instant;
  act: Act;
}

/** An alarm has a lane of its own: nothing is ever before it. */
export type Lane = "alarm" | "rest";

export interface Request {
  method: "POST" | "DELETE";
  path: string;
  body?: unknown;
}

export function laneOf(act: Act): Lane {
  return act.do === "alarm" ? "alarm" : "rest";
}

/** Which press goes next: the oldest of the lane, and what the agent did before what arrived. */
export function nextPress(presses: readonly Press[], lane: Lane, device_id: Id): Press | null {
  const mine = presses.filter(
    (press) => press.device_id === device_id && laneOf(press.act) === lane,
  );
  const said = mine.filter(({ act }) => !isArrival(act));
  const oldest = (list: Press[]): Press | null =>
    list.toSorted((a, b) => a.seq - b.seq)[0] ?? null;
  return oldest(said) ?? oldest(mine);
}

export function requestOf(act: Act): Request {
  switch (act.do) {
    case "alarm":
      return post("/mobile/alarms", {
        id: act.alarm_id,
        ...(act.point ? { point: act.point, fixed_at: act.fixed_at } : {}),
      });
    case "alert-arrival":
      return post(`/mobile/alerts/${act.alert_id}/arrival`);
    case "acknowledge":
      return post(`/mobile/alerts/${act.alert_id}/acknowledgement`, { id: act.intervention_id });
    case "refuse":
      return post(`/mobile/alerts/${act.alert_id}/refusal`, { reason: act.reason });
    case "step":
      return post(`/mobile/interventions/${act.intervention_id}/state`, { state: act.state });
    case "guidance-arrival":
      return post(`/mobile/guidance/${act.guidance_id}/arrival`);
    case "guidance-reading":
      return post(`/mobile/guidance/${act.guidance_id}/reading`);
    case "stop-film":
      return { method: "DELETE", path: `/publications/${act.stream_id}` };
    case "break":
      return post("/mobile/shift/break");
    case "resume":
      return { method: "DELETE", path: "/mobile/shift/break" };
    case "end-shift":
      return { method: "DELETE", path: "/mobile/shift" };
  }
}

function post(path: string, body?: unknown): Request {
  return body === undefined ? { method: "POST", path } : { method: "POST", path, body };
}

/** Add a press, unless the same wish waits already: two taps of a glove are one. */
export function withPress(presses: readonly Press[], press: Press): readonly Press[] {
  const same = presses.some(
    (other) => other.device_id === press.device_id && isSameWish(other.act, press.act),
  );
  return same ? presses : [...presses, press];
}

/** As they were made; a database gives them in another order. */
export function inOrder(presses: readonly Press[]): readonly Press[] {
  return presses.toSorted((a, b) => a.seq - b.seq);
}

export function withoutPress(presses: readonly Press[], id: Id): readonly Press[] {
  return presses.filter((press) => press.id !== id);
}

/** The server kept another intervention's id: what was pressed for ours goes there. */
export function redirected(presses: readonly Press[], from: Id, to: Id): readonly Press[] {
  return presses.map((press) =>
    press.act.do === "step" && press.act.intervention_id === from
      ? { ...press, act: { ...press.act, intervention_id: to } }
      : press,
  );
}

/** Another unit was first: what was pressed for an intervention that never opened goes away. */
export function withoutSteps(presses: readonly Press[], intervention_id: Id): readonly Press[] {
  return presses.filter(
    ({ act }) => !(act.do === "step" && act.intervention_id === intervention_id),
  );
}

/** What the agent did and what is not with the server yet; arrivals are the phone's business. */
export function waitingOf(presses: readonly Press[], device_id: Id | null): readonly Press[] {
  return presses.filter((press) => press.device_id === device_id && !isArrival(press.act));
}

function isArrival(act: Act): boolean {
  return act.do === "alert-arrival" || act.do === "guidance-arrival";
}

function isSameWish(a: Act, b: Act): boolean {
  const wish = (act: Act): string => {
    switch (act.do) {
      case "alarm":
        return `alarm ${act.alarm_id}`;
      case "alert-arrival":
      case "acknowledge":
      case "refuse":
        return `${act.do} ${act.alert_id}`;
      case "step":
        return `step ${act.intervention_id} ${act.state}`;
      case "guidance-arrival":
      case "guidance-reading":
        return `${act.do} ${act.guidance_id}`;
      case "stop-film":
        return `${act.do} ${act.stream_id}`;
      default:
        return act.do;
    }
  };
  return wish(a) === wish(b);
}
