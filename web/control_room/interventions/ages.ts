/** How long an intervention has been in its state, and when that is too long. Pure. */

import type { Instant, Intervention } from "../../shared/types.ts";

/** Seconds after which the age turns amber, then red. On scene, hours are normal. */
const LIMITS_S: Record<Intervention["state"], readonly [amber: number, red: number]> = {
  created: [60, 180],
  assigned: [120, 300],
  "en-route": [600, 1200],
  "on-scene": [3600, 7200],
  closed: [Infinity, Infinity],
};

/** When the state it is in began: the first of its units that reached it. */
export function sinceOf(one: Intervention): Instant {
  const first = (times: (Instant | null)[]): Instant =>
    times
      .filter((time): time is Instant => time !== null)
      .toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? one.created_at;
  const active = one.assignments.filter(({ state }) => state !== "closed");
  switch (one.state) {
    case "created":
      // Once its units are clear again, it waits since the last of them was.
      return one.assignments
        .map(({ cleared_at }) => cleared_at ?? one.created_at)
        .reduce((last, at) => (Date.parse(at) > Date.parse(last) ? at : last), one.created_at);
    case "assigned":
      return first(active.map(({ assigned_at }) => assigned_at));
    case "en-route":
      return first(active.map(({ en_route_at }) => en_route_at));
    case "on-scene":
      return first(active.map(({ on_scene_at }) => on_scene_at));
    case "closed":
      return one.closed_at ?? one.created_at;
  }
}

export function urgencyOf(one: Intervention, now: number): "normal" | "amber" | "red" {
  const seconds = (now - Date.parse(sinceOf(one))) / 1000;
  const [amber, red] = LIMITS_S[one.state];
  return seconds > red ? "red" : seconds > amber ? "amber" : "normal";
}
