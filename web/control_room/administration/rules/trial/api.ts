/** Rules that are being edited, tried on recorded hours: begun, followed, stopped. */

import { query } from "../../../../shared/api.ts";
import type { EventKind, Id, Instant, Rule } from "../../../../shared/types.ts";
import { api } from "../../../intents/api.ts";

export interface Hours {
  starts_at: Instant;
  ends_at: Instant;
}

/** An event that would have been; `closed_at` null: it lasted to the end. */
export interface Moment {
  id: Id;
  rule_id: Id;
  kind: EventKind;
  opened_at: Instant;
  closed_at: Instant | null;
  boxes: readonly [number, number, number, number][];
}

/** An event that there really was. */
export interface Fired {
  id: Id;
  rule_id: Id;
  kind: EventKind;
  opened_at: Instant;
  closed_at: Instant | null;
  alert_state: string | null;
}

/** What is tried on: hours of recordings, or a film, `starts_at` being its first picture's. */
export interface Asked {
  motive: string;
  starts_at: Instant;
  ends_at?: Instant;
  film?: { name: string; size: number; is_of_camera: true };
  /** A trial of mine that runs or waits is stopped for it. */
  replaces?: boolean;
}

export interface Trial extends Hours {
  id: Id;
  state: "receiving" | "waiting" | "running" | "done" | "cancelled" | "failed";
  /** The code of why it failed. */
  problem: string;
  /** The name of the film that was brought. */
  film: string | null;
  looked_until: Instant | null;
  looked: number;
  not_covered: readonly Hours[];
  damaged: readonly Hours[];
  /** Recordings that are gone since, and with them what was found on them. */
  destroyed: readonly Hours[];
  has_more: boolean;
  moments: readonly Moment[];
  fired: readonly Fired[];
}

export const isOver = ({ state }: Trial): boolean =>
  state === "done" || state === "cancelled" || state === "failed";

export const beginTrial = (
  cameraId: Id,
  asked: Asked & { id: Id; rules: readonly Rule[] },
): Promise<Trial> => api.post<Trial>(`/cameras/${cameraId}/trials`, asked);

export const trialOf = (cameraId: Id, id: Id): Promise<Trial> =>
  api.get<Trial>(`/cameras/${cameraId}/trials/${id}`);

export const cancelTrial = (cameraId: Id, id: Id): Promise<void> =>
  api.delete(`/cameras/${cameraId}/trials/${id}`);

export const momentStill = (cameraId: Id, id: Id, moment: Id): string =>
  `/api/v1/cameras/${cameraId}/trials/${id}/moments/${moment}/still`;

/** What is not recorded of these hours. */
export const gapsOf = async (cameraId: Id, { starts_at, ends_at }: Hours): Promise<Hours[]> =>
  (
    await api.get<{ gaps: Hours[] }>(
      `/cameras/${cameraId}/recorded${query({ starts_at, ends_at })}`,
    )
  ).gaps;
