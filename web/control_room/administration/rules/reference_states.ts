/** Of a reference: what is said of it. Pure. */

import type { PicturePoints, Reference } from "../../../shared/types.ts";

/** `late`: it was asked for and has not come; the former one, if there is one, serves. */
export type ReferenceState = "missing" | "waiting" | "late" | "taken" | "replacing" | "notReplaced";

export function stateOf(one: Reference | undefined): ReferenceState {
  if (!one) return "missing";
  if (one.is_wanted) return one.taken_at ? "replacing" : "waiting";
  if (!one.taken_at) return "late";
  return one.taken_at < one.asked_at ? "notReplaced" : "taken";
}

export const areSamePoints = (one: PicturePoints, other: PicturePoints): boolean =>
  one.length === other.length &&
  one.every((point, i) => point[0] === other[i]?.[0] && point[1] === other[i]?.[1]);
