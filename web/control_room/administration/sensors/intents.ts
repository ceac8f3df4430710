/** Sensors: a third party's detectors, and the secrets that sign their reports. */

import type { EventKind, Id, Instant, Point } from "../../../shared/types.ts";
import { api } from "../../intents/api.ts";
import { Collection } from "../collection.ts";

export const SORTS = ["bin", "alarm-panel", "sound", "other"] as const;

export interface Sensor {
  id: Id;
  commune_id: Id;
  name: string;
  sort: (typeof SORTS)[number];
  maker: string;
  kinds: EventKind[];
  point: Point;
  place: string;
  created_at: Instant;
  disabled_at: Instant | null;
  taken: number;
  refused: number;
  reported_at: Instant | null;
  /** A problem's code: why the latest report that was refused was. */
  refused_because: string;
  previous_until: Instant | null;
  /** The address that it sends to. */
  reports_to: string;
}

/** As it is answered once: to a new one, and to a new secret. */
export type WithSecret = Sensor & { secret: string | null };

export const sensors = new Collection<Sensor>("/sensors");

export async function addSensor(body: object): Promise<WithSecret> {
  const { secret, ...sensor } = await api.post<WithSecret>("/sensors", body);
  return { ...sensors.put(sensor), secret };
}

export async function renewSecret(id: Id, keepPrevious: boolean): Promise<WithSecret> {
  const body = { keep_previous: keepPrevious };
  const { secret, ...sensor } = await api.post<WithSecret>(`/sensors/${id}/secret`, body);
  return { ...sensors.put(sensor), secret };
}
