/** What is measured of a fixed camera, for who manages cameras; what is watched for on it. */

import { query } from "../../shared/api.ts";
import type { Id, RuleNow } from "../../shared/types.ts";
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

/** Of a camera, or of all that one may know of. */
export const readRuleStates = (of: { camera?: Id }): Promise<RuleNow[]> =>
  api.get<RuleNow[]>(`/rules/states${query(of)}`);
