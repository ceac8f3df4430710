/** Units: where they are, what they do, and what they were told. */

import type { Service } from "./alerts.ts";
import type { Id, Instant, Named, Point } from "./basics.ts";

export type UnitState = "off-duty" | "on-break" | "free" | "assigned" | "en-route" | "on-scene";
export const UNIT_KINDS = ["police-municipale", "asvp", "sapeurs-pompiers", "proprete"] as const;

export type UnitKind = (typeof UNIT_KINDS)[number];

/** Whose crew it is (the domain's UnitKind.service). */
export const SERVICE_OF: Record<UnitKind, Service> = {
  "police-municipale": "police",
  "asvp": "police",
  "sapeurs-pompiers": "fire",
  "proprete": "cleaning",
};

export interface Unit {
  id: Id;
  commune_id: Id;
  call_sign: string;
  kind: UnitKind;
  armed: boolean;
  disabled_at: Instant | null;
}

export interface Position {
  point: Point;
  accuracy_m: number | null;
  heading_deg: number | null;
  speed_mps: number | null;
  fixed_at: Instant;
}

export interface UnitLive extends Omit<Unit, "disabled_at"> {
  state: UnitState;
  shift: {
    id: Id;
    person_name: string;
    device_id: Id;
    started_at: Instant;
    break_since: Instant | null;
  } | null;
  position: Position | null;
  intervention_id: Id | null;
}

export interface Guidance {
  id: Id;
  commune_id: Id;
  unit_id: Id;
  call_sign: string;
  intervention_id: Id | null;
  point: Point | null;
  place: string;
  text: string;
  sent_by: Named;
  sent_at: Instant;
  arrived_at: Instant | null;
  read_at: Instant | null;
}
