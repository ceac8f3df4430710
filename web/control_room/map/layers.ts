/** The room's layers over the base map; shapes and words, and colour only where it asks. */

import type { GeoJSONSource, LayerSpecification, MapLibre } from "../../shared/map/map.ts";
import type { Palette } from "../../shared/map/symbols.ts";
import { collection, type Features } from "./features.ts";

export const SOURCES = [
  "cones",
  "cameras",
  "guidance-lines",
  "guidance",
  "streams",
  "alerts",
  "units",
  "marked",
] as const;
export type Source = (typeof SOURCES)[number];

/** Layers whose marks can be pressed, what is on top first. */
export const PRESSABLE = ["alerts", "streams", "units", "cameras", "camera-clusters"] as const;

const FONT = ["sans-serif"];
const CONES_FROM_ZOOM = 14;
const NAMES_FROM_ZOOM = 15.5;

export function addLayers(map: MapLibre, palette: Palette): void {
  for (const source of SOURCES) {
    map.addSource(source, {
      type: "geojson",
      data: collection([]) as never,
      ...(source === "cameras" ? { cluster: true, clusterRadius: 36, clusterMaxZoom: 15 } : {}),
    });
  }
  for (const layer of layers(palette)) map.addLayer(layer);
}

export function setData(map: MapLibre, source: Source, features: Features): void {
  (map.getSource(source) as GeoJSONSource | undefined)?.setData(features as never);
}

function layers(palette: Palette): LayerSpecification[] {
  const text = {
    "text-color": palette.text,
    "text-halo-color": palette.ground,
    "text-halo-width": 1.8,
  };
  const isCluster = ["has", "point_count"] as const;
  return [
    {
      id: "cones-fill",
      type: "fill",
      source: "cones",
      minzoom: CONES_FROM_ZOOM,
      filter: ["!=", ["get", "state"], "down"],
      paint: {
        "fill-color": ["case", ["==", ["get", "state"], "watched"], palette.accent, palette.quiet],
        "fill-opacity": ["case", ["==", ["get", "state"], "watched"], 0.28, 0.1],
      },
    },
    {
      id: "cones-line",
      type: "line",
      source: "cones",
      minzoom: CONES_FROM_ZOOM,
      paint: {
        "line-color": [
          "case",
          ["get", "selected"],
          palette.accent,
          ["==", ["get", "state"], "down"],
          palette.warn,
          palette.quiet,
        ],
        "line-width": ["case", ["get", "selected"], 2.5, 1],
        "line-dasharray": [3, 2],
      },
    },
    {
      id: "guidance-lines",
      type: "line",
      source: "guidance-lines",
      paint: { "line-color": palette.accent, "line-width": 2, "line-dasharray": [2, 2] },
    },
    {
      id: "camera-clusters",
      type: "circle",
      source: "cameras",
      filter: [...isCluster],
      paint: {
        "circle-radius": 18,
        "circle-color": palette.ground,
        "circle-stroke-color": palette.quiet,
        "circle-stroke-width": 2,
      },
    },
    {
      id: "camera-cluster-counts",
      type: "symbol",
      source: "cameras",
      filter: [...isCluster],
      layout: {
        "text-field": ["concat", ["get", "point_count"], " ◳"],
        "text-font": FONT,
        "text-size": 13,
        "text-allow-overlap": true,
      },
      paint: { "text-color": palette.text },
    },
    {
      id: "cameras",
      type: "symbol",
      source: "cameras",
      filter: ["!", [...isCluster]],
      layout: {
        "icon-image": ["get", "icon"],
        "icon-allow-overlap": true,
        "text-field": [
          "step",
          ["zoom"],
          ["get", "label"],
          NAMES_FROM_ZOOM,
          ["concat", ["get", "label"], " ", ["get", "name"]],
        ],
        "text-font": FONT,
        "text-size": 12,
        "text-anchor": "top",
        "text-offset": [0, 1],
        "text-optional": true,
      },
      paint: text,
    },
    {
      id: "guidance",
      type: "symbol",
      source: "guidance",
      layout: {
        "icon-image": ["get", "icon"],
        "icon-allow-overlap": true,
        "text-field": ["get", "label"],
        "text-font": FONT,
        "text-size": 12,
        "text-anchor": "top",
        "text-offset": [0, 1.1],
        "text-optional": true,
      },
      paint: text,
    },
    {
      id: "units",
      type: "symbol",
      source: "units",
      layout: {
        "icon-image": ["get", "icon"],
        "icon-rotate": ["get", "heading"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "text-field": ["get", "label"],
        "text-font": FONT,
        "text-size": 13,
        "text-variable-anchor": ["top", "bottom", "left", "right"],
        "text-radial-offset": 1.4,
        "text-justify": "auto",
        "text-optional": true,
      },
      paint: { ...text, "icon-opacity": ["get", "opacity"], "text-opacity": 1 },
    },
    {
      id: "streams",
      type: "symbol",
      source: "streams",
      layout: {
        "icon-image": ["get", "icon"],
        "icon-allow-overlap": true,
        "icon-offset": [20, -20],
        "icon-size": 0.8,
      },
    },
    {
      id: "alerts",
      type: "symbol",
      source: "alerts",
      layout: {
        "icon-image": ["get", "icon"],
        "icon-allow-overlap": true,
        "text-field": ["get", "label"],
        "text-font": FONT,
        "text-size": 13,
        "text-anchor": "bottom",
        "text-offset": [0, -1.3],
        "text-optional": true,
      },
      paint: text,
    },
    {
      id: "marked",
      type: "symbol",
      source: "marked",
      layout: { "icon-image": "guidance", "icon-allow-overlap": true },
    },
  ];
}
