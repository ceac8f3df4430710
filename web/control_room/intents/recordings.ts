/** Recordings of a commune: how long, which cameras never, what is held, what was destroyed. */

import { query } from "../../shared/api.ts";
import type { CommuneRecording, Hold, HostClock, Id, Instant, Receipt } from "../../shared/types.ts";
import { api } from "./api.ts";

export const recordingOf = (commune: Id): Promise<CommuneRecording> =>
  api.get<CommuneRecording>(`/communes/${commune}/recording`);

export const decideRetention = (commune: Id, days: number | null): Promise<CommuneRecording> =>
  api.put<CommuneRecording>(`/communes/${commune}/recording`, { days });

/** A host's clock is right, though it is off by what was shown. */
export const confirmClock = (commune: Id, { host, off_s }: HostClock): Promise<CommuneRecording> =>
  api.post<CommuneRecording>(`/communes/${commune}/recording/clock`, { host, off_s });

/** What would be lost with a disk; `held`: of them, what a hold was to keep. */
export interface Loss {
  segments: number;
  held: number;
}

export const lossOf = (commune: Id, volume: Id): Promise<Loss> =>
  api.get<Loss>(`/communes/${commune}/volumes/${volume}/loss`);

export const declareLost = (commune: Id, volume: Id, loss: Loss, motive: string): Promise<Loss> =>
  api.post<Loss>(`/communes/${commune}/volumes/${volume}/loss`, { ...loss, motive });

export const keepOut = (camera: Id, never: boolean): Promise<void> =>
  api.put(`/cameras/${camera}/recording`, { never });

export const holdsOf = (commune: Id): Promise<Hold[]> =>
  api.get<Hold[]>(`/holds${query({ commune })}`);

export interface NewHold {
  id: Id;
  commune_id: Id;
  requisition: string;
  sources: readonly Id[];
  starts_at: Instant;
  ends_at: Instant;
}

export const placeHold = (hold: NewHold): Promise<Hold> => api.post<Hold>("/holds", hold);

export const liftHold = (id: Id, because: string): Promise<Hold> =>
  api.post<Hold>(`/holds/${id}/lifting`, { because });

/** Both days are included, `YYYY-MM-DD`, UTC. */
export const receiptsOf = (commune: Id, first: string, last: string): Promise<Receipt[]> =>
  api.get<Receipt[]>(`/communes/${commune}/receipts${query({ first, last })}`);
