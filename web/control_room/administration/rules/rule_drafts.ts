/** Rules as they are edited: new ones, their kinds in order, their numbers. Pure. */

import type { EventKind, Id, Instant, Rule, RuleType, Threshold } from "../../../shared/types.ts";
import type { Authorisation } from "../collection.ts";
import { faultOf, type ShapeFault } from "./faults.ts";

/** A rule of this kind, with nothing drawn yet. */
export function blank(type: RuleType, given: { id: Id; name: string; preset: string | null }): Rule {
  return {
    ...given,
    kind: type.kind,
    shape: type.shape === "line" ? "line" : "zone",
    points: [],
    counts: type.shape === "line" ? "any" : null,
    bearing: type.shape === "directed-zone" ? 0 : null,
    thresholds: {},
    subjects: type.subjects[0] ?? null,
    hours: null,
    in_use: true,
  };
}

export interface Offered {
  type: RuleType;
  /** Until when an act in force lets it be looked for on this camera; null: none does. */
  until: Instant | null;
}

/** All kinds, those that may be looked for on this camera now first; the last to end counts. */
export function offered(
  types: readonly RuleType[],
  acts: readonly Authorisation[],
  cameraId: Id,
): Offered[] {
  const until = (kind: EventKind): Instant | null =>
    acts
      .filter((act) => act.in_force && act.camera_ids.includes(cameraId) && act.kinds.includes(kind))
      .map(({ ends_at }) => ends_at)
      .sort()
      .at(-1) ?? null;
  return types
    .map((type) => ({ type, until: until(type.kind) }))
    .sort((a, b) => Number(b.until !== null) - Number(a.until !== null));
}

/** With `value` for `name`; what is the default is not kept as a choice. */
export function withThreshold(rule: Rule, type: RuleType, name: string, value: number): Rule {
  const { [name]: _, ...others } = rule.thresholds;
  const isDefault = type.thresholds.find((one) => one.name === name)?.default === value;
  return { ...rule, thresholds: isDefault ? others : { ...others, [name]: value } };
}

export const faultIn = (rule: Rule): ShapeFault | null =>
  faultOf(rule.points, rule.shape === "line");

/**
 * A number field's step: the last decimal that is used. The browser counts steps from the least and
 * refuses what lies between two, so the default and what is set now must lie on one.
 */
export function stepOf({ least, default: usual }: Threshold, value: number): number {
  const decimals = Math.max(...[least, usual, value].map(decimalsOf));
  return Number((10 ** -decimals).toFixed(decimals));
}

const decimalsOf = (value: number): number => String(value).split(".")[1]?.length ?? 0;
