/** Where the map is asked to look; the map follows when it is there. */

import { signal } from "@preact/signals";
import type { Point } from "../../shared/types.ts";

export const viewPoint = signal<{ point: Point; zoom: number } | null>(null);

/** Close enough for houses and a camera's cone. */
const STREET_ZOOM = 16.5;

export function goTo(point: Point, zoom = STREET_ZOOM): void {
  viewPoint.value = { point, zoom };
}
