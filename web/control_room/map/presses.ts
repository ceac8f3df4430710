/** Presses on the map: a mark is selected, a cluster opens, a held or right press asks what to do. */

import type { MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { point } from "../../shared/geo.ts";
import type { GeoJSONSource, MapLibre } from "../../shared/map/map.ts";
import type { Point } from "../../shared/types.ts";
import { cursor, selection, type Selection } from "../state/store.ts";
import { PRESSABLE } from "./layers.ts";

export interface Pressed {
  point: Point;
  /** Where in the map's box, in pixels; null for its middle (by keyboard). */
  x: number | null;
  y: number | null;
}

const HELD_MS = 600;
const KIND: Record<string, Selection["kind"]> = {
  alerts: "alert",
  streams: "stream",
  units: "unit",
  cameras: "camera",
};
/** Marks are smaller than a finger: what is this near was meant. */
const NEAR_PX = 12;

export function listenToMap(map: MapLibre, ask: (pressed: Pressed | null) => void): () => void {
  const listening = new AbortController();
  const askAt = ({ lngLat, point: at, originalEvent }: MapMouseEvent | MapTouchEvent): void => {
    originalEvent.preventDefault(); // not the browser's own menu
    ask({ point: point(lngLat.lng, lngLat.lat), x: at.x, y: at.y });
  };
  const onClick = (event: MapMouseEvent): void => {
    ask(null);
    void press(map, event.point.x, event.point.y);
  };
  const onMove = (event: MapMouseEvent): void => {
    const there = found(map, event.point.x, event.point.y).length > 0;
    map.getCanvas().classList.toggle("on-mark", there);
  };
  let holding = 0;
  const release = (): void => clearTimeout(holding);
  const onTouch = (event: MapTouchEvent): void => {
    release();
    if (event.points.length === 1) holding = window.setTimeout(() => askAt(event), HELD_MS);
  };
  map.on("click", onClick);
  map.on("contextmenu", askAt);
  map.on("mousemove", onMove);
  map.on("touchstart", onTouch);
  for (const end of ["touchend", "touchmove", "touchcancel", "movestart"] as const) {
    map.on(end, release);
  }
  // By keyboard: Enter asks about the middle, where the crosshair is.
  map.getCanvas().addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" || event.repeat) return;
      event.preventDefault();
      const { lng, lat } = map.getCenter();
      ask({ point: point(lng, lat), x: null, y: null });
    },
    { signal: listening.signal },
  );
  return () => {
    release();
    listening.abort();
    map.off("click", onClick);
    map.off("contextmenu", askAt);
    map.off("mousemove", onMove);
    map.off("touchstart", onTouch);
    for (const end of ["touchend", "touchmove", "touchcancel", "movestart"] as const) {
      map.off(end, release);
    }
  };
}

function found(map: MapLibre, x: number, y: number): ReturnType<MapLibre["queryRenderedFeatures"]> {
  const layers = PRESSABLE.filter((layer) => map.getLayer(layer));
  return map.queryRenderedFeatures(
    [
      [x - NEAR_PX, y - NEAR_PX],
      [x + NEAR_PX, y + NEAR_PX],
    ],
    { layers },
  );
}

async function press(map: MapLibre, x: number, y: number): Promise<void> {
  const mark = found(map, x, y).toSorted(
    (a, b) =>
      PRESSABLE.indexOf(a.layer.id as (typeof PRESSABLE)[number]) -
      PRESSABLE.indexOf(b.layer.id as (typeof PRESSABLE)[number]),
  )[0];
  if (!mark) return;
  if (mark.layer.id === "camera-clusters") {
    const source = map.getSource("cameras") as GeoJSONSource;
    const zoom = await source.getClusterExpansionZoom(Number(mark.properties["cluster_id"]));
    const geometry = mark.geometry as unknown as Point;
    map.easeTo({ center: geometry.coordinates, zoom: zoom + 0.5, duration: 300 });
    return;
  }
  const kind = KIND[mark.layer.id];
  if (!kind) return;
  const id = String(mark.properties["id"]);
  selection.value = { kind, id };
  if (kind === "alert") cursor.value = id;
}
