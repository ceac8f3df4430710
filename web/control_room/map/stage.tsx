/** The room on the map: cameras, units, alerts, streams, and what is sent to whom. */

import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { List, Minus, Plus } from "lucide";
import { locale, say } from "../../shared/i18n/index.ts";
import { point } from "../../shared/geo.ts";
import type { MapLibre } from "../../shared/map/map.ts";
import { now } from "../../shared/time.ts";
import type { Point } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import {
  alerts,
  cameras,
  guidance,
  inView,
  me,
  selection,
  streams,
  units,
} from "../state/store.ts";
import { words } from "../words/index.ts";
import { MapCanvas } from "./canvas.tsx";
import {
  alertFeatures,
  cameraFeatures,
  coneFeatures,
  guidanceFeatures,
  streamFeatures,
  unitFeatures,
} from "./features.ts";
import { addLayers, setData } from "./layers.ts";
import { EverythingOnMap } from "./list.tsx";
import { PointMenu } from "./menu.tsx";
import { listenToMap, type Pressed } from "./presses.ts";
import { dragFromMap } from "./drag.ts";
import { DropStrip } from "./drop_strip.tsx";
import { viewPoint } from "./view_point.ts";
import { paletteOf } from "../../shared/map/symbols.ts";

const TOWN_ZOOM = 14;
/** Where the map was left, so that swapping wall and map does not lose the place. */
let left: { point: Point; zoom: number } | null = null;

export function MapStage(): JSX.Element {
  const map = useRef<MapLibre | null>(null);
  const [pressed, setPressed] = useState<Pressed | null>(null);
  const [listed, setListed] = useState(false);
  const town = me.value?.communes.find(({ id }) => !inView.value || inView.value.has(id));
  const start = left ?? { point: town?.centre ?? point(2.35, 48.85), zoom: TOWN_ZOOM };
  const onReady = (ready: MapLibre): (() => void) => {
    map.current = ready;
    addLayers(ready, paletteOf(document.documentElement));
    if (!left) showEverything(ready);
    const stops = [...draw(ready), listenToMap(ready, setPressed), followViewPoint(ready), dragFromMap(ready)];
    return () => {
      const { lng, lat } = ready.getCenter();
      left = { point: point(lng, lat), zoom: ready.getZoom() };
      stops.forEach((stop) => stop());
    };
  };
  return (
    <div class="map-stage">
      <MapCanvas
        centre={start.point}
        zoom={start.zoom}
        label={words("map.label")}
        onReady={onReady}
      >
        <div class="map-crosshair" aria-hidden="true" />
        <div class="map-tools" role="toolbar" aria-label={words("map.tools")}>
          <button
            type="button"
            class="button icon"
            aria-label={say("map.zoomIn")}
            onClick={() => map.current?.zoomIn()}
          >
            <Icon node={Plus} />
          </button>
          <button
            type="button"
            class="button icon"
            aria-label={say("map.zoomOut")}
            onClick={() => map.current?.zoomOut()}
          >
            <Icon node={Minus} />
          </button>
          <button
            type="button"
            class="button"
            aria-pressed={listed}
            data-testid="map-list"
            onClick={() => setListed(!listed)}
          >
            <Icon node={List} /> {words("map.list")}
          </button>
          <button
            type="button"
            class="button"
            data-testid="map-here"
            onClick={() => {
              const centre = map.current?.getCenter();
              if (centre) setPressed({ point: point(centre.lng, centre.lat), x: null, y: null });
            }}
          >
            {words("map.here")}
          </button>
        </div>
        <DropStrip />
        {listed && <EverythingOnMap onClose={() => setListed(false)} />}
        {pressed && <PointMenu pressed={pressed} onClose={() => setPressed(null)} />}
      </MapCanvas>
    </div>
  );
}

/** At first: all that is there, and no closer than a few streets. */
function showEverything(map: MapLibre): void {
  const places = [
    ...cameras.value.map((camera) => camera.point.coordinates),
    ...units.value.flatMap(({ position }) => (position ? [position.point.coordinates] : [])),
  ];
  if (places.length < 2) return;
  const lons = places.map(([lon]) => lon);
  const lats = places.map(([, lat]) => lat);
  map.fitBounds(
    [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)],
    { padding: 80, maxZoom: 16.5, duration: 0 },
  );
}

/** Draw each kind of thing when it changes, units each second since they fade. */
function draw(map: MapLibre): (() => void)[] {
  return [
    effect(() => setData(map, "cones", coneFeatures(cameras.value, selection.value))),
    effect(() => setData(map, "cameras", cameraFeatures(cameras.value, selection.value))),
    effect(() =>
      setData(
        map,
        "units",
        unitFeatures(units.value, selection.value, now.value, locale.value, (state) =>
          say(`unit.${state}`),
        ),
      ),
    ),
    effect(() =>
      setData(
        map,
        "alerts",
        alertFeatures(alerts.value, ({ kind }) => say(`kind.${kind}`)),
      ),
    ),
    effect(() => setData(map, "streams", streamFeatures(streams.value, units.value))),
    effect(() => {
      const { points, lines } = guidanceFeatures(guidance.value, units.value, now.value);
      setData(map, "guidance", points);
      setData(map, "guidance-lines", lines);
    }),
  ];
}

function followViewPoint(map: MapLibre): () => void {
  return effect(() => {
    const wanted = viewPoint.value;
    if (!wanted) return;
    viewPoint.value = null;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const view = { center: wanted.point.coordinates, zoom: Math.max(map.getZoom(), wanted.zoom) };
    if (calm) map.jumpTo(view);
    else map.easeTo({ ...view, duration: 400 });
  });
}
