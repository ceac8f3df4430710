/** What operators decided of detected alerts, and the suspensions that followed. */

import { query } from "../../../shared/api.ts";
import type { Dismissal, EventKind, Id, Instant, Named } from "../../../shared/types.ts";
import { api } from "../../intents/api.ts";

export interface KindFigures {
  /** Of a camera, or of a sensor, which has no number. */
  camera_id: Id | null;
  sensor_id: Id | null;
  number: number | null;
  name: string;
  kind: EventKind;
  raised: number;
  waiting: number;
  confirmed: number;
  dismissed: Partial<Record<Dismissal, number>>;
  /** Of what was decided, 0..1. */
  share_dismissed: number | null;
  false_alerts: number;
  /** Watched under an act in force, and not suspended. */
  days: number;
  false_per_day: number | null;
}

export interface Figures {
  since: Instant;
  until: Instant;
  /** False alerts of one kind on one camera a day; more suspend it there. */
  limit: number;
  of_sources: KindFigures[];
}

export interface Suspension {
  id: Id;
  commune_id: Id;
  camera_id: Id | null;
  sensor_id: Id | null;
  sensor_name: string | null;
  kind: EventKind;
  suspended_at: Instant;
  false_alerts: number;
  days: number;
  per_day: number;
  lifted_at: Instant | null;
  lifted_by: Named | null;
  motive: string;
}

export const readFigures = (commune: Id, since: Instant): Promise<Figures> =>
  api.get(`/communes/${commune}/detection${query({ since })}`);

export const suspensionsOf = (commune: Id): Promise<Suspension[]> =>
  api.get(`/suspensions${query({ commune })}`);

export const liftSuspension = (id: Id, motive: string): Promise<Suspension> =>
  api.post(`/suspensions/${id}/lifting`, { motive });
