/** What travels on `/api/v1/live`, for people and for devices alike. */

import type { Alert, Intervention } from "./alerts.ts";
import type { Id, Instant } from "./basics.ts";
import type { MobileAlert, MobileIntervention, MobileMe } from "./mobile.ts";
import type { Me } from "./people.ts";
import type { Camera, Health, PatrolStream, SharedWall } from "./pictures.ts";
import type { Guidance, Position, UnitLive } from "./units.ts";

interface FactBase {
  type: "fact";
  seq: number;
  at: Instant;
  commune_id: Id | null;
}

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
