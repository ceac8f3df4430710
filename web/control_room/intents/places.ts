/** Addresses: what a point is called, and where a name lies. */

import { query } from "../../shared/api.ts";
import type { Point } from "../../shared/types.ts";
import { api } from "./api.ts";

export interface Place {
  name: string;
  point: Point;
}

export const findPlaces = (words: string): Promise<Place[]> =>
  api.get<Place[]>(`/map/places${query({ q: words })}`);

export async function nameOf(point: Point): Promise<string | null> {
  const [lon, lat] = point.coordinates;
  const found = await api.get<{ name: string | null }>(`/map/place${query({ lon, lat })}`);
  return found.name;
}
