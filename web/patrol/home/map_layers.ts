/** What the patrol's map shows over the streets: the agent, his way, where he goes. */

import type { GeoJSONSource, LayerSpecification, MapLibre } from "../../shared/map/map.ts";
import { addSymbols, paletteOf } from "../../shared/map/symbols.ts";
import { call, heading, position, target } from "../state/store.ts";
import { drawMe, drawTarget, type Drawn } from "../state/views.ts";

const EMPTY: Drawn = { type: "FeatureCollection", features: [] };

/** Add the layers, again after each change of style. */
export async function addLayers(map: MapLibre): Promise<void> {
  const palette = paletteOf(document.documentElement);
  addSymbols(map, palette);
  for (const name of ["target", "me"]) {
    if (!map.getSource(name)) map.addSource(name, { type: "geojson", data: EMPTY });
  }
  const layers: LayerSpecification[] = [
    {
      id: "way",
      type: "line",
      source: "target",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round" },
      paint: { "line-color": palette.accent, "line-width": 5, "line-dasharray": [0.5, 2] },
    },
    {
      id: "accuracy",
      type: "fill",
      source: "me",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": palette.accent, "fill-opacity": 0.18 },
    },
    symbols("target", 1.3),
    symbols("me", 1.25),
  ];
  for (const layer of layers) {
    if (!map.getLayer(layer.id)) map.addLayer(layer);
  }
  draw(map);
}

/** Show what is known now. */
export function draw(map: MapLibre): void {
  const here = position.value;
  const now = call.value;
  const isPanic = now?.phase === "ringing" && now.alert.kind === "panic";
  setData(map, "me", drawMe(here, here?.heading_deg ?? heading.value));
  setData(map, "target", drawTarget(here?.point ?? null, target.value, isPanic));
}

function setData(map: MapLibre, source: string, data: Drawn): void {
  map.getSource<GeoJSONSource>(source)?.setData(data);
}

function symbols(source: string, size: number): LayerSpecification {
  return {
    id: `${source}-symbols`,
    type: "symbol",
    source,
    filter: ["==", ["geometry-type"], "Point"],
    layout: {
      "icon-image": ["get", "icon"],
      "icon-size": size,
      "icon-rotate": ["coalesce", ["get", "turn"], 0],
      "icon-rotation-alignment": source === "me" ? "map" : "viewport",
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  };
}
