/** What the API says: the objects of `/api/v1` as they travel, in the trade's words. */

export type Id = string;
/** RFC 3339, UTC. */
export type Instant = string;

export interface Point {
  type: "Point";
  /** Longitude and latitude, WGS 84 degrees. */
  coordinates: [number, number];
}

export interface Polygon {
  type: "Polygon";
  coordinates: [number, number][][];
}

export const EVENT_KINDS = [
  "abandoned-object",
  "weapon",
  "wrong-way",
  "forbidden-zone",
  "person-down",
  "crowd-movement",
  "density",
  "fire",
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

/** The closed list of decree 2023-828: what an authorisation may name. */
export const AUTHORISABLE_KINDS = EVENT_KINDS.slice(0, 8);

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

export const ROLES = [
  "agent",
  "operator",
  "dispatcher",
  "supervisor",
  "auditor",
  "administrator",
] as const;
export type Role = (typeof ROLES)[number];

export type Permission =
  | "view-cameras"
  | "view-patrol-streams"
  | "see-alerts"
  | "raise-alerts"
  | "decide-alerts"
  | "send-alerts"
  | "see-units"
  | "guide-units"
  | "manage-interventions"
  | "patrol"
  | "read-setup"
  | "manage-cameras"
  | "manage-zones"
  | "manage-devices"
  | "manage-units"
  | "manage-people"
  | "manage-commune"
  | "record-authorisations"
  | "read-register";

export type Locale = "fr" | "en";

export interface Named {
  id: Id;
  name: string;
}

export interface MyCommune extends Named {
  centre: Point;
  profile: string;
  timezone: string;
  permissions: Permission[];
}

export interface Me {
  person: { id: Id; name: string; sign_in: string; locale: Locale };
  roles: { commune: Named; role: Role; ends_at: Instant | null }[];
  communes: MyCommune[];
  csrf_token: string;
  expires_at: Instant;
}

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
  origin: "hand" | "detector" | "device";
  state: AlertState;
  point: Point | null;
  place: string;
  note: string;
  camera_id: Id | null;
  event: {
    id: Id;
    opened_at: Instant;
    closed_at: Instant | null;
    box: Box | null;
    confidence: number | null;
    zone: { name: string; polygon: PicturePoints } | null;
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
  point: Point | null;
  place: string;
  state: InterventionState;
  created_at: Instant;
  closed_at: Instant | null;
  report: string;
  assignments: Assignment[];
}

export type UnitState = "off-duty" | "on-break" | "free" | "assigned" | "en-route" | "on-scene";
export type UnitKind = "police-municipale" | "asvp";

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

export interface PatrolStream {
  id: Id;
  commune_id: Id;
  device_id: Id;
  unit_id: Id;
  call_sign: string;
  person_id: Id;
  reason: Threat;
  intervention_id: Id | null;
  started_at: Instant;
  live: boolean;
  since: Instant | null;
  received_at: Instant | null;
  received_by: Named | null;
  ended_at: Instant | null;
  viewers: number;
}

export interface Camera {
  id: Id;
  commune_id: Id;
  number: number;
  name: string;
  source: "rtsp" | "file";
  point: Point;
  bearing_deg: number;
  field_of_view_deg: number;
  range_m: number;
  place_kind: "public-road" | "closed-to-public";
  place: string;
  order_id: Id | null;
  demonstration: boolean;
  disabled_at: Instant | null;
  streams: { main: Id; sub: Id | null };
  state: {
    up: boolean;
    since: Instant;
    reason: string | null;
    codec: string | null;
    clock_offset_ms: number | null;
  } | null;
  lawful: { ok: boolean; reason: string | null };
  watching: number;
  detection: { authorised_until: Instant | null; kinds: EventKind[] };
  main_url?: string;
  sub_url?: string | null;
  has_credentials?: boolean;
}

/** One picture of a wall. */
export type Shown = { kind: "camera" | "stream"; id: Id };

/** The cameras that take turns on a wall. */
export interface Rotation {
  camera_ids: readonly Id[];
  dwell_s: number;
  /** Since when, in ms by the server's clock; null while it stands. */
  started_at: number | null;
}

/** What a wall shows. */
export interface Shows {
  layout: number;
  /** Always 16 long, so that a smaller layout forgets nothing. */
  slots: readonly (Shown | null)[];
  /** Slots that the rotation leaves alone. */
  pinned: readonly number[];
  /** The slot shown alone, if any. */
  isolated: number | null;
  rotation: Rotation | null;
}

/** A wall that a control room shares, on a computer of its own. */
export interface SharedWall extends Named {
  commune_id: Id;
  shows: Shows;
  driven_by: Named;
  driven_at: Instant;
}

/** A wall that a person has named. */
export interface KeptLayout extends Named {
  shows: Shows;
  saved_at: Instant;
}

/** How the relay serves one viewing; `layer` 0 is the largest picture of `layers`. */
export interface RelayFigures {
  kbit_per_s: number;
  layer: number;
  layers: number;
  reduced: boolean;
  link_kbit_per_s: number | null;
  sent_again: number;
  left_out: number;
}

/** What the server knows of a viewing. `relay`: as the media process counts, where it can say. */
export interface ViewingStatistics {
  viewing_id: Id;
  relay: Partial<RelayFigures> | null;
  watching: number;
  watchers: { person_id: Id; name: string; with_device: boolean; since: Instant }[];
}

export interface Zone {
  id: Id;
  name: string;
  kind: "forbidden-zone";
  polygon: PicturePoints;
}

export interface Health {
  now: Instant;
  processes: {
    role: string;
    holder: string;
    up: boolean;
    seen_at: Instant;
    clock_offset_ms: number | null;
  }[];
  cameras_down: { id: Id; number: number; name: string; since: Instant; reason: string | null }[];
  database: { ok: boolean; size_bytes: number | null };
  disk: { free_bytes: number; total_bytes: number };
  push: Record<"web_push" | "firebase", { on: boolean; reason: string | null }>;
  orders_ending: { id: Id; number: string; ends_at: Instant }[];
}

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  request_id?: string;
  errors?: { where: string; what: string }[];
  [extra: string]: unknown;
}

/** What a phone is told of an alert sent to its unit. `mine`: this unit said that it goes. */
export interface MobileAlert {
  id: Id;
  kind: EventKind;
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
export interface MobileIntervention extends Intervention {
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

interface FactBase {
  type: "fact";
  seq: number;
  at: Instant;
  commune_id: Id | null;
}

/** What travels on `/api/v1/live`, for people and for devices alike. */
export type Fact = FactBase & {
  kind: string;
  alert?: Alert;
  intervention?: Intervention;
  unit?: UnitLive;
  camera?: Camera;
  stream?: PatrolStream;
  guidance?: Guidance;
  wall?: SharedWall | { id: Id; removed: true };
};

export interface Snapshot {
  type: "snapshot";
  seq: number;
  now: Instant;
  me: Me;
  cameras: Camera[];
  alerts: Alert[];
  interventions: Intervention[];
  units: UnitLive[];
  streams: PatrolStream[];
  guidance: Guidance[];
  walls: SharedWall[];
}

export type ClosingReason = "revoked" | "expired" | "going-away" | "too-slow";

export type LiveMessage =
  | Snapshot
  | Fact
  | { type: "position"; unit_id: Id; position: Position }
  | { type: "health"; health: Health }
  | { type: "media-started"; holder: string }
  | { type: "closing"; reason: ClosingReason };

/** What `/api/v1/live` tells a device: the same events, each object as its unit sees it. */
export interface DeviceSnapshot {
  type: "snapshot";
  seq: number;
  now: Instant;
  me: MobileMe;
  alerts: MobileAlert[];
  intervention: MobileIntervention | null;
  guidance: Guidance[];
}

export type DeviceFact = FactBase & {
  kind: string;
  alert?: MobileAlert;
  intervention?: MobileIntervention;
  stream?: PatrolStream;
  guidance?: Guidance;
};

export type DeviceMessage =
  | DeviceSnapshot
  | DeviceFact
  | { type: "media-started"; holder: string }
  | { type: "closing"; reason: ClosingReason };
