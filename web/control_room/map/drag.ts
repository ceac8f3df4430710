/** Dragging a camera off the map: the browser drags elements, so one lies over the mark in reach. */

import type { MapMouseEvent } from "maplibre-gl";
import type { MapLibre } from "../../shared/map/map.ts";
import type { Point } from "../../shared/types.ts";
import { selection } from "../state/store.ts";
import { dragShown, type Dragged } from "../wall/dragging.ts";

const LAYERS = ["streams", "cameras"] as const;
const REACH_PX = 10;

/** Let cameras and patrols' streams be dragged, until the returned function is called. */
export function dragFromMap(map: MapLibre): () => void {
  const handle = document.createElement("div");
  handle.className = "map-drag";
  handle.draggable = true;
  handle.hidden = true;
  let shown: Dragged | null = null;
  const onMove = ({ point }: MapMouseEvent): void => {
    const reach: [[number, number], [number, number]] = [
      [point.x - REACH_PX, point.y - REACH_PX],
      [point.x + REACH_PX, point.y + REACH_PX],
    ];
    const layers = LAYERS.filter((layer) => map.getLayer(layer));
    const mark = map.queryRenderedFeatures(reach, { layers })[0];
    handle.hidden = !mark;
    if (!mark) return;
    const kind = mark.layer.id === "streams" ? "stream" : "camera";
    shown = { kind, id: String(mark.properties["id"]) };
    const [lon, lat] = (mark.geometry as unknown as Point).coordinates;
    const at = map.project([lon, lat]);
    handle.style.setProperty("--x", `${at.x}px`);
    handle.style.setProperty("--y", `${at.y}px`);
  };
  const hide = (): void => {
    handle.hidden = true;
  };
  handle.addEventListener("mouseleave", hide);
  // Else the map below would begin to move as well, and never hear where the drag ended.
  handle.addEventListener("mousedown", (event) => event.stopPropagation());
  handle.addEventListener("dragstart", (event) => shown && dragShown(event, shown));
  handle.addEventListener("dragend", hide);
  handle.addEventListener("click", () => {
    if (shown) selection.value = shown;
  });
  // All else is for the map below: the wheel zooms, a right press asks what to do.
  for (const kind of ["wheel", "contextmenu"] as const) {
    handle.addEventListener(kind, (event) => {
      hide();
      event.preventDefault();
      const Kind = event.constructor as typeof WheelEvent;
      map.getCanvas().dispatchEvent(new Kind(event.type, event as WheelEvent));
    });
  }
  map.on("mousemove", onMove);
  map.on("movestart", hide);
  map.getCanvasContainer().append(handle);
  return () => {
    map.off("mousemove", onMove);
    map.off("movestart", hide);
    handle.remove();
  };
}
