/** Distances and directions on WGS 84, and how people say them. */

import type { Locale, Point, PicturePoints } from "./types.ts";

const EARTH_RADIUS_M = 6_371_008.8;
const RAD = Math.PI / 180;

export function point(lon: number, lat: number): Point {
  return { type: "Point", coordinates: [lon, lat] };
}

/** The great-circle distance in metres (haversine). */
export function distanceM(a: Point, b: Point): number {
  const [lonA, latA] = a.coordinates;
  const [lonB, latB] = b.coordinates;
  const lat = ((latB - latA) * RAD) / 2;
  const lon = ((lonB - lonA) * RAD) / 2;
  const chord =
    Math.sin(lat) ** 2 + Math.cos(latA * RAD) * Math.cos(latB * RAD) * Math.sin(lon) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** The initial bearing from `a` to `b`, degrees from true north, 0 <= bearing < 360. */
export function bearingDeg(a: Point, b: Point): number {
  const [lonA, latA] = a.coordinates;
  const [lonB, latB] = b.coordinates;
  const turn = (lonB - lonA) * RAD;
  const east = Math.sin(turn) * Math.cos(latB * RAD);
  const north =
    Math.cos(latA * RAD) * Math.sin(latB * RAD) -
    Math.sin(latA * RAD) * Math.cos(latB * RAD) * Math.cos(turn);
  return (Math.atan2(east, north) / RAD + 360) % 360;
}

/** The point `metres` away from `from` towards `bearing` degrees. */
export function destination(from: Point, bearing: number, metres: number): [number, number] {
  const [lon, lat] = from.coordinates;
  const angle = metres / EARTH_RADIUS_M;
  const sinLat =
    Math.sin(lat * RAD) * Math.cos(angle) +
    Math.cos(lat * RAD) * Math.sin(angle) * Math.cos(bearing * RAD);
  const east = Math.sin(bearing * RAD) * Math.sin(angle) * Math.cos(lat * RAD);
  const north = Math.cos(angle) - Math.sin(lat * RAD) * sinLat;
  return [lon + Math.atan2(east, north) / RAD, Math.asin(sinLat) / RAD];
}

/** What a camera sees, as a ring: a wedge, or a disc for a camera that looks all round. */
export function viewCone(
  from: Point,
  bearing: number,
  field_deg: number,
  range_m: number,
): [number, number][] {
  const steps = Math.max(4, Math.ceil(field_deg / 10));
  const arc: [number, number][] = [];
  for (let i = 0; i <= steps; i += 1) {
    arc.push(destination(from, bearing - field_deg / 2 + (field_deg * i) / steps, range_m));
  }
  const first = field_deg >= 360 ? (arc[0] as [number, number]) : from.coordinates;
  return field_deg >= 360 ? [...arc, first] : [first, ...arc, first];
}

/** `80 m`, `350 m`, `1,2 km`. */
export function sayDistance(metres: number, locale: Locale): string {
  if (metres < 100) return `${Math.round(metres / 5) * 5} m`;
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`;
  const kilometres = (metres / 1000).toFixed(1);
  return `${locale === "fr" ? kilometres.replace(".", ",") : kilometres} km`;
}

/** Coordinates for where no address is known: `48,85661 N 2,35222 E`. */
export function sayPoint(at: Point, locale: Locale): string {
  const [lon, lat] = at.coordinates;
  const say = (value: number): string => {
    const text = Math.abs(value).toFixed(5);
    return locale === "fr" ? text.replace(".", ",") : text;
  };
  const west = locale === "fr" ? "O" : "W";
  return `${say(lat)} ${lat >= 0 ? "N" : "S"} ${say(lon)} ${lon >= 0 ? "E" : west}`;
}

/** The picture's points as an SVG `points` value in a view box of 1000 by 1000. */
export function svgPoints(points: PicturePoints): string {
  return points.map(([x, y]) => `${Math.round(x * 1000)},${Math.round(y * 1000)}`).join(" ");
}
