/** Where the line on the map leads, and the guidance that waits to be read. */

import { bearingDeg, distanceM } from "../../shared/geo.ts";
import type { Guidance, Id, Point } from "../../shared/types.ts";
import type { Call } from "./calls.ts";
import { byAge, type Duty } from "./duty.ts";
import type { Press } from "./presses.ts";

export interface Target {
  point: Point;
  place: string;
  from: "alert" | "guidance";
  id: Id;
}

/** Guidance that nobody on this phone has pressed 'read' for, the oldest first. */
export function unreadOf(duty: Duty, presses: readonly Press[]): Guidance[] {
  const pressed = new Set(
    presses.flatMap(({ act }) => (act.do === "guidance-reading" ? [act.guidance_id] : [])),
  );
  return byAge(duty.guidance, ({ sent_at }) => sent_at)
    .filter((guidance) => guidance.read_at === null && !pressed.has(guidance.id))
    .toReversed();
}

/** The newest of the control room's points and the call's own place leads. */
export function targetOf(duty: Duty, call: Call | null, cleared: ReadonlySet<Id>): Target | null {
  const open = call?.phase === "ringing" || call?.phase === "mine" ? call : null;
  const place = open?.alert ?? (open?.phase === "mine" ? open.intervention : null);
  const began = openedAt(open) ?? duty.me?.shift?.started_at ?? null;
  const guided = byAge(duty.guidance, ({ sent_at }) => sent_at).find(
    ({ point, id, sent_at }) =>
      point !== null && !cleared.has(id) && (began === null || sent_at >= began),
  );
  if (guided?.point) {
    return { point: guided.point, place: guided.place, from: "guidance", id: guided.id };
  }
  if (!place?.point) return null;
  return { point: place.point, place: place.place, from: "alert", id: place.id };
}

function openedAt(call: Call | null): string | null {
  if (call?.phase === "ringing") return call.alert.sent_at ?? call.alert.raised_at;
  if (call?.phase === "mine") return call.intervention?.created_at ?? call.alert?.sent_at ?? null;
  return null;
}

export interface Way {
  metres: number;
  /** From true north. */
  bearing_deg: number;
  /** Where the arrow on the screen points when the phone's own heading is known. */
  arrow_deg: number | null;
}

export function wayTo(from: Point, to: Point, heading_deg: number | null): Way {
  const bearing_deg = bearingDeg(from, to);
  const arrow_deg = heading_deg === null ? null : (bearing_deg - heading_deg + 360) % 360;
  return { metres: distanceM(from, to), bearing_deg, arrow_deg };
}

/** One of eight, as people say it: 0 is north, 1 north-east, … */
export function octant(bearing_deg: number): number {
  return Math.round((((bearing_deg % 360) + 360) % 360) / 45) % 8;
}
