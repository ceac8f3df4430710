/** What a phone is told. */

import type { AlertState, EventKind, Intervention, Service, StepState } from "./alerts.ts";
import type { Id, Instant, Locale, Point } from "./basics.ts";
import type { Unit } from "./units.ts";

/** What a phone is told of an alert sent to its unit. `mine`: this unit said that it goes. */
export interface MobileAlert {
  id: Id;
  kind: EventKind;
  service: Service;
  state: AlertState;
  point: Point | null;
  place: string;
  note: string;
  still: boolean;
  raised_at: Instant;
  sent_at: Instant | null;
  camera_id: Id | null;
  camera_streams: { main: Id; sub: Id | null } | null;
  acknowledged_by: { unit_id: Id; call_sign: string } | null;
  acknowledged_at: Instant | null;
  mine: boolean;
  declined: boolean;
  intervention_id: Id | null;
}

/** An intervention as a unit on it sees it; `mine` is this unit's own part. */
export interface MobileIntervention extends Omit<Intervention, "service"> {
  mine: StepState | null;
}

export interface PushChannel {
  on: boolean;
  reason: string | null;
}

export interface MobileMe {
  device: { id: Id; name: string; kind: string; push: "web-push" | "firebase" | null };
  person: { id: Id; name: string; locale: Locale };
  commune: { id: Id; name: string; centre: Point; profile: string };
  units: Unit[];
  /** This crew, on this shift. */
  sees_pictures: boolean;
  shift: { id: Id; unit_id: Id; started_at: Instant; break_since: Instant | null } | null;
  intervention: MobileIntervention | null;
  vapid_public_key: string | null;
  channels: Record<"web_push" | "firebase", PushChannel>;
}

/** Both secrets are told this once. */
export interface Enrolled extends MobileMe {
  token: string;
  osmand: { url: string; id: string };
}

export interface NearCamera {
  id: Id;
  number: number;
  name: string;
  point: Point;
  bearing_deg: number;
  field_of_view_deg: number;
  range_m: number;
  distance_m: number | null;
  streams: { main: Id; sub: Id | null };
  up: boolean;
}
