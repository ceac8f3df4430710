/** Cameras near the agent. */

import { query } from "../../shared/api.ts";
import type { Id, NearCamera } from "../../shared/types.ts";
import { Problem } from "../../shared/problem.ts";
import { position } from "../state/store.ts";
import { api } from "./api.ts";

export async function nearCameras(limit: number): Promise<NearCamera[]> {
  const [lon, lat] = position.value?.point.coordinates ?? [];
  return await api.get<NearCamera[]>(`/mobile/cameras${query({ lon, lat, limit })}`);
}

export interface Still {
  /** An object address; whoever shows it revokes it. */
  url: string;
  captured_at: string | null;
}

/** A picture of now of a camera, or the one that an alert carries. Throws `Problem`. */
export async function still(of: "cameras" | "alerts", id: Id): Promise<Still> {
  const response = await api.fetch(`/mobile/${of}/${id}/still`);
  if (!response.ok) throw await Problem.from(response);
  const url = URL.createObjectURL(await response.blob());
  return { url, captured_at: response.headers.get("X-Captured-At") };
}
