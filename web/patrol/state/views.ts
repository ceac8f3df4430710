/** How the map looks at the agent and where he goes. Pure. */

import { viewCone } from "../../shared/geo.ts";
import type { Point, Position } from "../../shared/types.ts";
import type { Target } from "./targets.ts";

const METRES_PER_PIXEL_AT_0 = 78_271.484; // zoom 0, equator, tiles of 512 pixels
const CLOSEST = 17;
const FARTHEST = 12;

/** The zoom at which `metres` take `pixels`; between a street and a town. */
export function zoomFor(metres: number, pixels: number, lat: number): number {
  const ground = METRES_PER_PIXEL_AT_0 * Math.cos((lat * Math.PI) / 180);
  const zoom = Math.log2((ground * Math.max(1, pixels)) / Math.max(1, metres));
  return Math.min(CLOSEST, Math.max(FARTHEST, zoom));
}

export interface Drawn {
  type: "FeatureCollection";
  features: {
    type: "Feature";
    geometry:
      | { type: "Point"; coordinates: [number, number] }
      | { type: "LineString"; coordinates: [number, number][] }
      | { type: "Polygon"; coordinates: [number, number][][] };
    properties: Record<string, string | number>;
  }[];
}

/** The agent with the circle of what his receiver knows; an arrow when he has a heading. */
export function drawMe(here: Position | null, heading: number | null): Drawn {
  if (!here) return collection([]);
  const ring = viewCone(here.point, 0, 360, Math.max(3, here.accuracy_m ?? 30));
  return collection([
    { type: "Feature", geometry: { type: "Polygon", coordinates: [ring] }, properties: {} },
    {
      type: "Feature",
      geometry: here.point,
      properties: { icon: heading === null ? "me-still" : "me", turn: heading ?? 0 },
    },
  ]);
}

/** Where he goes, and a line there. */
export function drawTarget(here: Point | null, target: Target | null, isPanic: boolean): Drawn {
  if (!target) return collection([]);
  const icon = target.from === "guidance" ? "guidance" : isPanic ? "alert-panic" : "alert-open";
  const mark: Drawn["features"][number] = {
    type: "Feature",
    geometry: target.point,
    properties: { icon },
  };
  if (!here) return collection([mark]);
  const coordinates = [here.coordinates, target.point.coordinates];
  return collection([
    { type: "Feature", geometry: { type: "LineString", coordinates }, properties: {} },
    mark,
  ]);
}

function collection(features: Drawn["features"]): Drawn {
  return { type: "FeatureCollection", features };
}
