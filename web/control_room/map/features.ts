/** What the room's state is on a map: GeoJSON of cameras, units, alerts. Pure. */

import { bearingDeg, viewCone } from "../../shared/geo.ts";
import { ageSeconds, freshness, sayAge } from "../../shared/time.ts";
import type {
  Alert,
  Camera,
  Guidance,
  Locale,
  PatrolStream,
  UnitLive,
} from "../../shared/types.ts";
import { isOpen } from "../state/queue.ts";
import type { Selection } from "../state/store.ts";

type Geometry = { type: string; coordinates: unknown };
export interface Feature {
  type: "Feature";
  geometry: Geometry;
  properties: Record<string, string | number | boolean>;
}
export interface Features {
  type: "FeatureCollection";
  features: Feature[];
}

/** A fix older than this is as faded as it gets; it is still shown, since it is all that is known. */
const OLD_FIX_S = 180;
const FAINTEST = 0.35;
/** Below walking pace a heading is noise. */
const MOVING_MPS = 0.5;

export const collection = (features: Feature[]): Features => ({
  type: "FeatureCollection",
  features,
});

const feature = (geometry: Geometry, properties: Feature["properties"]): Feature => ({
  type: "Feature",
  geometry,
  properties,
});

export function cameraFeatures(cameras: readonly Camera[], selected: Selection | null): Features {
  return collection(
    cameras.map((camera) =>
      feature(camera.point, {
        id: camera.id,
        label: `${camera.number}`,
        name: camera.name,
        icon: `camera-${stateOf(camera)}`,
        selected: isSelected(selected, "camera", camera.id),
      }),
    ),
  );
}

export function coneFeatures(cameras: readonly Camera[], selected: Selection | null): Features {
  return collection(
    cameras.map((camera) =>
      feature(
        {
          type: "Polygon",
          coordinates: [
            viewCone(camera.point, camera.bearing_deg, camera.field_of_view_deg, camera.range_m),
          ],
        },
        { state: stateOf(camera), selected: isSelected(selected, "camera", camera.id) },
      ),
    ),
  );
}

/** Filled when watched, hollow when down. */
function stateOf(camera: Camera): "down" | "watched" | "up" {
  if (!camera.lawful.ok || (camera.state && !camera.state.up)) return "down";
  return camera.watching > 0 ? "watched" : "up";
}

export function unitFeatures(
  units: readonly UnitLive[],
  selected: Selection | null,
  now: number,
  locale: Locale,
  stateWord: (state: UnitLive["state"]) => string,
): Features {
  return collection(
    units.flatMap((unit) => {
      const { position } = unit;
      if (!position || !unit.shift) return [];
      const age = ageSeconds(position.fixed_at, now);
      const moving = position.heading_deg !== null && (position.speed_mps ?? 1) >= MOVING_MPS;
      const chosen = isSelected(selected, "unit", unit.id);
      const shape = chosen ? "selected" : unit.state === "free" ? "free" : "busy";
      return [
        feature(position.point, {
          id: unit.id,
          label: `${unit.call_sign}\n${stateWord(unit.state)}${age >= 10 ? ` · ${sayAge(age, locale)}` : ""}`,
          icon: `unit-${shape}${moving ? "" : "-still"}`,
          heading: moving ? (position.heading_deg ?? 0) : 0,
          opacity: Math.max(FAINTEST, freshness(age, OLD_FIX_S)),
        }),
      ];
    }),
  );
}

export function alertFeatures(alerts: readonly Alert[], kindWord: (alert: Alert) => string): Features {
  return collection(
    alerts.flatMap((alert) =>
      alert.point && isOpen(alert)
        ? [
            feature(alert.point, {
              id: alert.id,
              label: kindWord(alert),
              icon:
                alert.kind === "panic"
                  ? "alert-panic"
                  : alert.state === "raised"
                    ? "alert-raised"
                    : "alert-open",
            }),
          ]
        : [],
    ),
  );
}

/** A stream is where its unit is. */
export function streamFeatures(
  streams: readonly PatrolStream[],
  units: readonly UnitLive[],
): Features {
  const at = new Map(units.map((unit) => [unit.id, unit.position?.point]));
  return collection(
    streams.flatMap(({ id, unit_id, live }) => {
      const point = at.get(unit_id);
      return point && live ? [feature(point, { id, icon: "stream" })] : [];
    }),
  );
}

/** The points sent to units that have not closed the matter, and the line from unit to point. */
export function guidanceFeatures(
  guidance: readonly Guidance[],
  units: readonly UnitLive[],
  now: number,
): { points: Features; lines: Features } {
  const RECENT_S = 1800;
  const latest = new Map<string, Guidance>();
  for (const one of guidance) {
    if (!one.point || ageSeconds(one.sent_at, now) > RECENT_S) continue;
    const held = latest.get(one.unit_id);
    if (!held || Date.parse(held.sent_at) < Date.parse(one.sent_at)) latest.set(one.unit_id, one);
  }
  const at = new Map(units.map((unit) => [unit.id, unit.position?.point]));
  const shown = [...latest.values()];
  return {
    points: collection(
      shown.map(({ id, unit_id, point, call_sign }) =>
        feature(point as Geometry, { id, unit: unit_id, label: call_sign, icon: "guidance" }),
      ),
    ),
    lines: collection(
      shown.flatMap(({ unit_id, point }) => {
        const from = at.get(unit_id);
        if (!from || !point) return [];
        return [
          feature(
            { type: "LineString", coordinates: [from.coordinates, point.coordinates] },
            { bearing: bearingDeg(from, point) },
          ),
        ];
      }),
    ),
  };
}

function isSelected(selection: Selection | null, kind: Selection["kind"], id: string): boolean {
  return selection?.kind === kind && selection.id === id;
}
