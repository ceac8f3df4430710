/** What a search finds. Pure. */

import type { Camera, Intervention, Point, UnitLive } from "../../shared/types.ts";
import type { Place } from "../intents/places.ts";

export type Hit =
  | { kind: "camera" | "unit" | "intervention"; key: string; id: string; label: string; point: Point | null }
  | { kind: "place"; key: string; label: string; place: Place };

const MOST = 12;

/** A number finds the camera of that number first; words may be parts, accents do not count. */
export function matches(
  text: string,
  from: {
    cameras: readonly Camera[];
    units: readonly UnitLive[];
    interventions: readonly Intervention[];
    places: readonly Place[];
  },
): Hit[] {
  const wanted = plain(text).split(/\s+/).filter(Boolean);
  const fits = (label: string): boolean => {
    const here = plain(label);
    return wanted.every((word) => here.includes(word));
  };
  const isNumber = /^\d+$/.test(text.trim());
  const cameras = from.cameras
    .map(({ id, number, name, point }) => ({ number, id, label: `${number} ${name}`, point }))
    .filter(({ number, label }) =>
      isNumber ? String(number).startsWith(text.trim()) : fits(label),
    )
    .toSorted((a, b) => a.number - b.number)
    .map(({ id, label, point }): Hit => ({ kind: "camera", key: `c${id}`, id, label, point }));
  const units = from.units
    .filter(({ call_sign }) => fits(call_sign))
    .map(
      ({ id, call_sign, position }): Hit => ({
        kind: "unit",
        key: `u${id}`,
        id,
        label: call_sign,
        point: position?.point ?? null,
      }),
    );
  const interventions = from.interventions
    .filter(({ place }) => place !== "" && fits(place))
    .map(
      ({ id, place, point }): Hit => ({ kind: "intervention", key: `i${id}`, id, label: place, point }),
    );
  const places = from.places.map(
    (place, i): Hit => ({ kind: "place", key: `p${i}`, label: place.name, place }),
  );
  return [...cameras, ...units, ...interventions, ...places].slice(0, MOST);
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();
}
