/** Alerts and interventions: from what was seen to what was done. */

import type { Id, Instant, Named, Point } from "./basics.ts";
import type { RuleType } from "./pictures.ts";
import type { Unit, UnitState } from "./units.ts";

export const EVENT_KINDS = [
  "abandoned-object",
  "weapon",
  "wrong-way",
  "forbidden-zone",
  "person-down",
  "crowd-movement",
  "density",
  "fire",
  "line-crossing",
  "dumping",
  "overfull-bin",
  "stopped-vehicle",
  "panic",
  "assault",
  "fight",
  "theft",
  "damage",
  "accident",
  "medical",
  "nuisance",
  "suspicious",
  "other",
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** Whom an event is for. */
export const SERVICES = ["police", "fire", "cleaning"] as const;

export type Service = (typeof SERVICES)[number];

/** The closed list of decree 2023-828: what an authorisation may name. */
export const AUTHORISABLE_KINDS = EVENT_KINDS.slice(0, 8);
/** What can be looked for in pictures at all; which of them an act may name, its profile says. */
export const WATCHABLE_KINDS: readonly EventKind[] = EVENT_KINDS.slice(0, 12);

/** What a sensor may report beside those: an act of sensors alone rests on a law of its own. */
export const SENSOR_KINDS = [
  "line-crossing",
  "dumping",
  "overfull-bin",
  "stopped-vehicle",
  "damage",
  "accident",
  "nuisance",
] as const satisfies readonly EventKind[];

export const DISMISSALS = [
  "nothing-there",
  "harmless",
  "authorised-person",
  "animal-or-object",
  "already-handled",
  "test",
] as const;

export type Dismissal = (typeof DISMISSALS)[number];

export const THREATS = ["officers-threatened", "persons-threatened", "goods-threatened"] as const;

export type Threat = (typeof THREATS)[number];

export type AlertState =
  | "raised"
  | "confirmed"
  | "dismissed"
  | "sent"
  | "acknowledged"
  | "resolved";

/** Left, top, right, bottom as shares of the picture, 0..1. */
export type Box = [number, number, number, number];

export type PicturePoints = [number, number][];

export interface Recipient {
  unit_id: Id;
  call_sign: string;
  sent_at: Instant;
  /** The message was taken by the push service: nothing of the phone yet. */
  accepted_at: Instant | null;
  /** It is on the phone. */
  arrived_at: Instant | null;
  unable_at: Instant | null;
  unable_reason: string | null;
}

export interface Alert {
  id: Id;
  commune_id: Id;
  kind: EventKind;
  service: Service;
  origin: "hand" | "detector" | "device" | "sensor";
  state: AlertState;
  point: Point | null;
  place: string;
  note: string;
  camera_id: Id | null;
  /** A third party's detector: there is no picture of it. */
  sensor_id: Id | null;
  event: {
    id: Id;
    opened_at: Instant;
    closed_at: Instant | null;
    /** Whom its kind is for; null: no rule can be made of it. */
    service: RuleType["service"] | null;
    box: Box | null;
    confidence: number | null;
    rule: { name: string; shape: "zone" | "line"; points: PicturePoints } | null;
    authorisation: { id: Id; act_reference: string; law: string } | null;
  } | null;
  /** How many events have joined it: a crowd of them asks once. */
  events?: number;
  still: boolean;
  raised_at: Instant;
  raised_by: Named | null;
  handled_by: Named | null;
  confirmed_at: Instant | null;
  confirmed_by: Named | null;
  dismissed_at: Instant | null;
  dismissed_by: Named | null;
  dismissal: Dismissal | null;
  dismissal_note: string;
  sent_at: Instant | null;
  sent_by: Named | null;
  recipients: Recipient[];
  acknowledged_at: Instant | null;
  acknowledged_by: { unit_id: Id; call_sign: string } | null;
  resolved_at: Instant | null;
  intervention_id: Id | null;
}

export interface Candidate {
  unit: Unit;
  state: UnitState;
  distance_m: number | null;
  fix_age_s: number | null;
}

export type StepState = "assigned" | "en-route" | "on-scene" | "closed";
export type InterventionState = "created" | StepState;

export interface Assignment {
  unit_id: Id;
  call_sign: string;
  state: StepState;
  assigned_at: Instant;
  en_route_at: Instant | null;
  on_scene_at: Instant | null;
  cleared_at: Instant | null;
  by_radio: boolean;
}

export interface Intervention {
  id: Id;
  commune_id: Id;
  alert_id: Id | null;
  kind: EventKind;
  service: Service;
  point: Point | null;
  place: string;
  state: InterventionState;
  created_at: Instant;
  closed_at: Instant | null;
  report: string;
  assignments: Assignment[];
}
