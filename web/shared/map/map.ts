/** A MapLibre map on the installation's own tiles: one worker, one protocol, two themes. */

import {
  addProtocol,
  Map as MapLibre,
  setWorkerUrl,
  type MapOptions,
  type StyleSpecification,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { FetchSource, PMTiles, Protocol } from "pmtiles";
import { Problem } from "../problem.ts";
import type { Point } from "../types.ts";

export type { GeoJSONSource, LayerSpecification, Map as MapLibre } from "maplibre-gl";
export type Theme = "day" | "night";

/** MapLibre 6 has its worker in a file of its own; a bundler must be told. */
setWorkerUrl(workerUrl);
const protocol = new Protocol();
addProtocol("pmtiles", protocol.tile);

export interface Options {
  container: HTMLElement;
  centre: Point;
  zoom: number;
  theme: Theme;
  /** Headers for the style and the tiles, for a device that has no cookie. */
  headers?: Record<string, string>;
  /** What the map is, for those who do not see it. */
  label: string;
}

/** Make a map of the town. Throws `Problem` when the style does not come. */
export async function createMap(options: Options): Promise<MapLibre> {
  const style = await styleFor(options.theme, options.headers);
  const settings: MapOptions = {
    container: options.container,
    style,
    center: options.centre.coordinates,
    zoom: options.zoom,
    minZoom: 8,
    maxZoom: 19,
    attributionControl: false, // ours says the same without an icon button
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    cooperativeGestures: false,
  };
  const map = new MapLibre(settings);
  // A tile that does not come (bad radio, a map that is left) is asked for again when it is needed;
  // anything else is a fault of ours.
  map.on("error", (event) => {
    const say = "tile" in event ? console.warn : console.error;
    say("map:", event.error instanceof Error ? event.error.stack : event.error.message);
  });
  map.getCanvas().setAttribute("aria-label", options.label);
  return map;
}

/** Another theme; layers of one's own must be added again on `style.load`. */
export async function changeTheme(
  map: MapLibre,
  theme: Theme,
  headers?: Record<string, string>,
): Promise<void> {
  map.setStyle(await styleFor(theme, headers), { diff: false });
}

async function styleFor(
  theme: Theme,
  headers: Record<string, string> = {},
): Promise<StyleSpecification> {
  const url = `/api/v1/map/style.json?theme=${theme}`;
  const response = await fetch(url, { headers, credentials: "same-origin" }).catch((error) => {
    throw Problem.offline(String(error));
  });
  if (!response.ok) throw await Problem.from(response);
  const style = (await response.json()) as StyleSpecification;
  for (const source of Object.values(style.sources)) {
    if (source.type === "vector" && source.url) source.url = withTiles(source.url, headers);
  }
  return style;
}

/** Name the tiles by a whole address, and read them with the page's headers. */
function withTiles(url: string, headers: Record<string, string>): string {
  const address = new URL(url.replace(/^pmtiles:\/\//, ""), location.href).href;
  if (!protocol.get(address)) {
    protocol.add(new PMTiles(new FetchSource(address, new Headers(headers))));
  }
  return `pmtiles://${address}`;
}
