/** Where the sun stands, so that the page is dark at night by itself. */

import type { Point } from "../../shared/types.ts";

const RAD = Math.PI / 180;
const DAY_MS = 86_400_000;
const J2000_MS = Date.UTC(2000, 0, 1, 12);
/** The sun's upper edge on the horizon, refraction included. */
const HORIZON_DEG = -0.833;

/**
 * The sun's height over the horizon in degrees (The Astronomical Almanac's low-precision formulas:
 * right to 0.01 degree between 1950 and 2050).
 */
export function sunHeightDeg(at: number, where: Point): number {
  const [lon, lat] = where.coordinates;
  const days = (at - J2000_MS) / DAY_MS;
  const mean = 280.46 + 0.9856474 * days;
  const anomaly = (357.528 + 0.9856003 * days) * RAD;
  const ecliptic = (mean + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RAD;
  const tilt = (23.439 - 0.0000004 * days) * RAD;
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(ecliptic), Math.cos(ecliptic));
  const declination = Math.asin(Math.sin(tilt) * Math.sin(ecliptic));
  const sidereal = (280.46061837 + 360.98564736629 * days + lon) * RAD;
  const hour = sidereal - ascension;
  const height = Math.asin(
    Math.sin(lat * RAD) * Math.sin(declination) +
      Math.cos(lat * RAD) * Math.cos(declination) * Math.cos(hour),
  );
  return height / RAD;
}

export function isNight(at: number, where: Point): boolean {
  return sunHeightDeg(at, where) < HORIZON_DEG;
}
