/** Shared walls and kept layouts: what the server keeps of them. */

import { effect } from "@preact/signals";
import type { Id, KeptLayout, SharedWall, Shows, ViewingStatistics } from "../../shared/types.ts";
import { fault } from "../notices/notices.ts";
import { room, take } from "../state/store.ts";
import { said } from "../state/wall_store.ts";
import { api } from "./api.ts";

/** Send what this desk says of a shared wall: one request at a time, and of those the newest. */
export function followDriving(): () => void {
  let sending = false;
  const send = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    try {
      for (let next = said.peek(); next !== null; next = said.peek()) {
        const wall = await api.put<SharedWall>(`/walls/${next.id}`, { shows: next.shows });
        if (said.peek() === next) {
          said.value = null;
          take({ wall });
        }
      }
    } catch (error) {
      said.value = null;
      fault(error);
    } finally {
      sending = false;
    }
  };
  return effect(() => {
    const next = said.value;
    if (next === null) return;
    // At once on this desk; the server says the same, or why not, a moment later.
    const shared = room.peek().walls.get(next.id);
    if (shared && shared.shows !== next.shows) take({ wall: { ...shared, shows: next.shows } });
    void send();
  });
}

export async function addWall(commune_id: Id, name: string, shows: Shows): Promise<SharedWall> {
  const wall = await api.post<SharedWall>("/walls", {
    id: crypto.randomUUID(),
    commune_id,
    name,
    shows,
  });
  take({ wall });
  return wall;
}

export async function removeWall(id: Id): Promise<void> {
  await api.delete(`/walls/${id}`);
  take({ wall: { id, removed: true } });
}

export const layouts = (): Promise<KeptLayout[]> => api.get<KeptLayout[]>("/layouts");

/** Keep it under a new name, or in the place of the layout `id`. */
export const keepLayout = (id: Id | null, name: string, shows: Shows): Promise<void> =>
  id === null
    ? api.post("/layouts", { id: crypto.randomUUID(), name, shows })
    : api.put(`/layouts/${id}`, { name, shows });

export const dropLayout = (id: Id): Promise<void> => api.delete(`/layouts/${id}`);

export const statisticsOf = (viewingId: Id): Promise<ViewingStatistics> =>
  api.get<ViewingStatistics>(`/viewings/${viewingId}/statistics`);
