/** What is measured of a fixed camera, for who manages cameras. */

import { api } from "./api.ts";

/** Of the main stream; null: not known, or not yet. */
export interface Vitals {
  kbit_per_s: number | null;
  pictures_per_s: number | null;
  gop_s: number | null;
  lost: number | null;
  jumps: number | null;
  restarts: number;
  clock_offset_s: number | null;
  drift_ppm: number | null;
}

export const readVitals = (id: string): Promise<Vitals> =>
  api.get<Vitals>(`/cameras/${id}/vitals`);
