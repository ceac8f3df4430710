/** A point, or a perimeter, chosen on the map: by a press, or by arrows and Enter at the cross. */

import { effect, signal, type Signal } from "@preact/signals";
import type { MapMouseEvent } from "maplibre-gl";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { viewCone } from "../../shared/geo.ts";
import type { GeoJSONSource, MapLibre } from "../../shared/map/map.ts";
import { paletteOf } from "../../shared/map/symbols.ts";
import type { Point } from "../../shared/types.ts";
import { MapCanvas } from "../map/canvas.tsx";
import { text } from "./words/index.ts";

export interface Cone {
  bearing_deg: number;
  field_of_view_deg: number;
  range_m: number;
}

/** What is being drawn: one point, or the corners of a perimeter. */
export class Drawing {
  readonly points: Signal<readonly [number, number][]>;
  readonly cone: Signal<Cone | null>;
  readonly single: boolean;

  constructor(points: readonly [number, number][], single: boolean, cone: Cone | null = null) {
    this.points = signal(points);
    this.cone = signal(cone);
    this.single = single;
  }

  add(at: [number, number]): void {
    this.points.value = this.single ? [at] : [...this.points.value, at];
  }

  removeLast(): void {
    this.points.value = this.points.value.slice(0, -1);
  }
}

export function PlacePicker(props: { drawing: Drawing; centre: Point }): JSX.Element {
  const { drawing } = props;
  const onReady = useMemo(() => (map: MapLibre) => show(map, drawing), [drawing]);
  return (
    <div class="place-picker">
      <MapCanvas centre={props.centre} zoom={16} label={text("picker.label")} onReady={onReady}>
        <div class="map-crosshair" aria-hidden="true" />
      </MapCanvas>
      <p class="small quiet">{text(drawing.single ? "picker.point" : "picker.perimeter")}</p>
    </div>
  );
}

function show(map: MapLibre, drawing: Drawing): () => void {
  const palette = paletteOf(document.documentElement);
  map.addSource("drawing", { type: "geojson", data: geojson(drawing) as never });
  map.addLayer({
    id: "drawing-fill",
    type: "fill",
    source: "drawing",
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": palette.accent, "fill-opacity": 0.2 },
  });
  map.addLayer({
    id: "drawing-line",
    type: "line",
    source: "drawing",
    paint: { "line-color": palette.accent, "line-width": 2 },
  });
  map.addLayer({
    id: "drawing-points",
    type: "circle",
    source: "drawing",
    filter: ["==", ["geometry-type"], "Point"],
    paint: {
      "circle-radius": 7,
      "circle-color": palette.accent,
      "circle-stroke-color": palette.ground,
      "circle-stroke-width": 2,
    },
  });
  const stopDrawing = effect(() => {
    const data = geojson(drawing);
    (map.getSource("drawing") as GeoJSONSource | undefined)?.setData(data as never);
  });
  const onClick = ({ lngLat }: MapMouseEvent): void => drawing.add([lngLat.lng, lngLat.lat]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter places; it does not send the form around the map
    const { lng, lat } = map.getCenter();
    drawing.add([lng, lat]);
  };
  map.on("click", onClick);
  map.getCanvas().addEventListener("keydown", onKey);
  return () => {
    stopDrawing();
    map.off("click", onClick);
    map.getCanvas().removeEventListener("keydown", onKey);
  };
}

function geojson(drawing: Drawing): object {
  const points = drawing.points.value;
  const cone = drawing.cone.value;
  const [first] = points;
  const shapes: object[] = points.map((coordinates) => ({ type: "Point", coordinates }));
  if (drawing.single && first && cone) {
    const ring = viewCone(
      { type: "Point", coordinates: first },
      cone.bearing_deg,
      cone.field_of_view_deg,
      cone.range_m,
    );
    shapes.push({ type: "Polygon", coordinates: [ring] });
  }
  if (!drawing.single && first && points.length > 2) {
    shapes.push({ type: "Polygon", coordinates: [[...points, first]] });
  }
  return {
    type: "FeatureCollection",
    features: shapes.map((geometry) => ({ type: "Feature", properties: {}, geometry })),
  };
}
