/** Cameras and patrols' streams, the walls they hang on, and who watches. */

import type { EventKind, PicturePoints, Service, Threat } from "./alerts.ts";
import type { Id, Instant, Named, Point } from "./basics.ts";

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
  /** Absent from an older server. */
  transcode?: boolean;
  transport?: "auto" | "tcp" | "udp";
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
  masks: { version: number; count: number; by_camera: boolean; undecided: boolean };
  watching: number;
  detection: {
    authorised_until: Instant | null;
    kinds: EventKind[];
    /** Kinds that cried wolf here: not looked for until a supervisor lifts it. */
    suspended: { id: Id; kind: EventKind; suspended_at: Instant; false_alerts: number }[];
  };
  /** It has PTZ. */
  moves: boolean;
  /** Who moves it now; free at `free_at` unless he moves it again. */
  mover: { id: Id; name: string; rank: number; free_at: Instant } | null;
  /** Its clock minus ours, as ONVIF told when it was last asked. */
  clock: CameraTime | null;
  /** Its guard tour of ours runs; whoever moves it goes first. */
  touring_since: Instant | null;
  /** Null: it was never asked by ONVIF, and may have one. */
  has_loudspeaker: boolean | null;
  /** Who speaks through it now; free at `free_at` whatever happens. */
  talker: { id: Id; name: string; since: Instant; free_at: Instant; announces: boolean } | null;
  main_url?: string;
  sub_url?: string | null;
  has_credentials?: boolean;
}

export interface CameraTime {
  offset_ms: number;
  uncertainty_ms: number;
  read_at: Instant;
  /** Certainly off by over 100 ms since then. */
  wrong_since: Instant | null;
  drift_s_a_day: number | null;
}

/** One decision of what a camera's picture does not show. */
export interface Masking {
  version: number;
  masks: PicturePoints[];
  by_camera: boolean;
  decided_at: Instant;
  decided_by: Id;
  decided_by_name: string;
}

/** The newest decision first: that one is in force. `undecided`: nobody has looked yet. */
export interface CameraMasking {
  decisions: Masking[];
  undecided: boolean;
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

/** What is to be noticed on a camera; `thresholds` that are not there have their defaults. */
export interface Rule {
  id: Id;
  kind: EventKind;
  name: string;
  shape: "zone" | "line";
  points: PicturePoints;
  /** Of a line: the side to which crossing counts, as one looks from its first point to its last. */
  counts: "left" | "right" | "any" | null;
  /** The allowed direction in the picture, degrees clockwise from upwards. */
  bearing: number | null;
  thresholds: Readonly<Record<string, number>>;
  /** Of kinds that leave the choice; null: the kind's default, the first. */
  subjects: Subjects | null;
  /** Local; without a zone, as the commune's clocks go. */
  hours: { starts: string; ends: string; time_zone?: string | null } | null;
  preset: string | null;
  in_use: boolean;
}

export type Subjects = "people" | "vehicles" | "both";

/** A number that a person may set; `unit` is a symbol: s, %, people, 1. */
export interface Threshold {
  name: string;
  unit: string;
  default: number;
  least: number;
  most: number;
}

/** What a kind of event declares of itself; `labels`: of the model that has to be supplied for it;
    `unavailable`: why it can notice nothing now. */
export interface RuleType {
  kind: EventKind;
  legal_list: "decree-2023-828" | "cleanliness" | "traffic";
  service: Service;
  shape: "zone" | "directed-zone" | "line";
  thresholds: Threshold[];
  /** What may be chosen, the default first; empty where the kind itself says it. */
  subjects: Subjects[];
  evidence: string;
  limits: string;
  is_experimental: boolean;
  labels: string[];
  /** Its zone is compared with a picture that a person has to have taken. */
  needs_reference: boolean;
  unavailable: string | null;
}

export type Light = "day" | "night";

/** What a rule's zone looks like when nothing is the matter; `is_wanted`: one is being taken. */
export interface Reference {
  light: Light;
  asked_at: Instant;
  taken_at: Instant | null;
  is_wanted: boolean;
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
  /** Cameras that went down together; `network` for who manages cameras. */
  outages: { since: Instant; cameras: Id[]; network: string | null }[];
  database: { ok: boolean; size_bytes: number | null };
  disk: { free_bytes: number; total_bytes: number };
  push: Record<"web_push" | "firebase", { on: boolean; reason: string | null }>;
  camera_clocks: { id: Id; number: number; name: string; clock: CameraTime }[];
  orders_ending: { id: Id; number: string; ends_at: Instant }[];
  suspensions: {
    camera_id: Id;
    number: number;
    name: string;
    kind: EventKind;
    suspended_at: Instant;
  }[];
  /** Analysed less often than they should be. */
  cameras_behind: { id: Id; number: number; name: string; looks_per_s: number; wanted_per_s: number }[];
  /** Their picture comes in, and is the same for ever, or black or covered. */
  cameras_impaired: Impaired[];
  rules_resting: RulesResting;
  recordings: VolumeAlarm[];
}

/** Why a rule is not watched at a moment; what somebody has to mend comes first. */
export const RESTS = [
  "suspended",
  "no-model",
  "no-reference",
  "off-preset",
  "no-act",
  "off-hours",
  "off",
] as const;

export type Rests = (typeof RESTS)[number];

/** `rests` null: it is watched, when the camera's pictures come; `to_mend`: once somebody does something. */
export interface RuleNow {
  id: Id;
  camera_id: Id;
  kind: EventKind;
  name: string;
  rests: Rests | null;
  to_mend: boolean;
}

/** The first of those that rest are named, with their camera; `unavailable`: for want of a model. */
export interface RulesResting {
  counts: { kind: EventKind; reason: Rests; to_mend: boolean; count: number }[];
  named: {
    id: Id;
    camera_id: Id;
    number: number;
    name: string;
    rule: string;
    kind: EventKind;
    reason: Rests;
  }[];
  /** Cameras of which a rule rests because they look elsewhere. */
  off_preset: Id[];
  unavailable: EventKind[];
}

export interface Impaired {
  id: Id;
  number: number;
  name: string;
  what: "frozen" | "blinded";
  since: Instant;
}

/** What is wrong with where a commune's recordings lie. */
export interface VolumeAlarm {
  volume: Id;
  commune_id: Id;
  host: string;
  kind: "failing" | "full" | "read-only" | "purge" | "clock" | "filling" | "lost";
  since: Instant;
  full_at: Instant | null;
  /** Segments past their hour that are still there. */
  overdue: number;
}
