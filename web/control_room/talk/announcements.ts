/** Announcements, and talks, as the server is asked for them. */

import type { Id } from "../../shared/types.ts";
import { query } from "../../shared/api.ts";
import { api } from "../intents/api.ts";

export interface Announcement {
  id: Id;
  commune_id: Id;
  name: string;
  /** What it says, word for word. */
  text: string;
  seconds: number;
}

/** A voice's longest, as the server has it; the page only counts it down. */
export const LONGEST_S = 120;

export const announcementsOf = (commune: Id): Promise<Announcement[]> =>
  api.get<Announcement[]>(`/announcements${query({ commune })}`);

export const announce = (
  camera: Id,
  announcement_id: Id,
  motive: string,
): Promise<{ talk_id: Id; seconds: number }> =>
  api.post(`/cameras/${camera}/announcement`, { announcement_id, motive });

export const silence = (talk: Id): Promise<void> => api.delete(`/talks/${talk}`);

export const talkPath = (camera: Id, motive: string): string =>
  `/cameras/${camera}/talk${query({ motive })}`;

export const audioOf = (id: Id): string => `${api.base}/announcements/${id}/audio`;
