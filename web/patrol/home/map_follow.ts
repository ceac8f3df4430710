/** Keeps the agent in the middle of what the sheet leaves free, until he moves the map himself. */

import { effect, signal } from "@preact/signals";
import type { MapLibre } from "../../shared/map/map.ts";
import { distanceM } from "../../shared/geo.ts";
import { call, duty, heading, position, target, unread } from "../state/store.ts";
import { zoomFor } from "../state/views.ts";
import { draw } from "./map_layers.ts";

export const following = signal(true);

const MOVE_MS = 400;
const USUAL_ZOOM = 16;

/** How near the map is to be looked at; a movement that begins meanwhile must not forget it. */
let zoom = USUAL_ZOOM;

/** The agent's own buttons. */
export function zoomBy(map: MapLibre, by: number): void {
  zoom = map.getZoom() + by;
  map.zoomTo(zoom);
}

/** Follow until the returned function is called. */
export function follow(map: MapLibre): () => void {
  following.value = true;
  let shownTarget = "";
  const letGo = (): void => {
    following.value = false;
  };
  const pinched = (event: { originalEvent?: unknown }): void => {
    if (event.originalEvent) zoom = map.getZoom();
  };
  map.on("dragstart", letGo);
  map.on("zoomend", pinched);
  const redraw = effect(() => {
    // Read here, so that each of them counts.
    void [position.value, heading.value, target.value, call.value];
    if (map.isStyleLoaded() || map.getSource("me")) draw(map);
  });
  const centre = effect(() => {
    const here = position.value;
    const to = target.value;
    const isCovered = call.value !== null || unread.value.length > 0;
    if (!following.value) return;
    const middle = here?.point ?? duty.peek().me?.commune.centre;
    if (!middle) return;
    const { clientHeight: height, clientWidth: width } = map.getContainer();
    const bottom = isCovered ? Math.round(height * 0.45) : 0;
    if (here && (to?.id ?? "") !== shownTarget) {
      shownTarget = to?.id ?? "";
      const pixels = Math.min(width, height - bottom) * 0.4;
      zoom = to
        ? zoomFor(distanceM(here.point, to.point), pixels, middle.coordinates[1])
        : USUAL_ZOOM;
    }
    map.easeTo({
      center: middle.coordinates,
      zoom,
      // Heading up while he moves; standing, the map stays as it was.
      bearing: here?.heading_deg ?? map.getBearing(),
      padding: { top: 0, left: 0, right: 0, bottom },
      duration: MOVE_MS,
    });
  });
  return () => {
    redraw();
    centre();
    map.off("dragstart", letGo);
    map.off("zoomend", pinched);
  };
}
