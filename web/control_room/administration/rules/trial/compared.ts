/** What would have been an event beside what was one, rule by rule. Pure. */

import type { EventKind, Id, Instant } from "../../../../shared/types.ts";
import type { Fired, Hours, Moment, Trial } from "./api.ts";

/** Two events of one rule are the same when they overlap, so many seconds more or less. */
const APART_MS = 5_000;

export interface Row {
  ruleId: Id;
  /** Of a rule that is not among those that were tried. */
  kind: EventKind | null;
  name: string;
  moments: readonly Moment[];
  fired: readonly Fired[];
}

export interface Compared {
  rows: readonly Row[];
  /** Moments that were real events, too; those that were not; events that would be no more. */
  both: ReadonlySet<Id>;
  more: number;
  fewer: number;
}

interface Lasting {
  rule_id: Id;
  opened_at: Instant;
  closed_at: Instant | null;
}

/** The rules in their order, and behind them those that have fired and are not tried. */
export function compared(
  trial: Pick<Trial, "moments" | "fired">,
  rules: readonly { id: Id; name: string }[],
): Compared {
  const tried = new Set(rules.map(({ id }) => id));
  const others = new Map(
    trial.fired.filter((one) => !tried.has(one.rule_id)).map((one) => [one.rule_id, one.kind]),
  );
  const of = (ruleId: Id): Pick<Row, "ruleId" | "moments" | "fired"> => ({
    ruleId,
    moments: trial.moments.filter((one) => one.rule_id === ruleId),
    fired: trial.fired.filter((one) => one.rule_id === ruleId),
  });
  const rows: Row[] = [
    ...rules.map(({ id, name }) => ({ ...of(id), name, kind: null })),
    ...[...others].map(([id, kind]) => ({ ...of(id), name: "", kind })),
  ];
  const both = trial.moments.filter((one) => trial.fired.some((other) => isSame(one, other)));
  const kept = trial.fired.filter((one) => trial.moments.some((other) => isSame(one, other)));
  return {
    rows,
    both: new Set(both.map(({ id }) => id)),
    more: trial.moments.length - both.length,
    fewer: trial.fired.length - kept.length,
  };
}

function isSame(a: Lasting, b: Lasting): boolean {
  return (
    a.rule_id === b.rule_id &&
    Date.parse(a.opened_at) <= endOf(b) + APART_MS &&
    Date.parse(b.opened_at) <= endOf(a) + APART_MS
  );
}

const endOf = ({ closed_at }: Lasting): number => (closed_at ? Date.parse(closed_at) : Infinity);

/** Where a span lies on the hours, as shares of their width. */
export function placed(
  span: { from: Instant; to: Instant | null },
  { starts_at, ends_at }: Hours,
): { left: number; width: number } {
  const start = Date.parse(starts_at);
  const length = Math.max(1, Date.parse(ends_at) - start);
  const share = (at: number): number => Math.min(1, Math.max(0, (at - start) / length));
  const left = share(Date.parse(span.from));
  return { left, width: (span.to ? share(Date.parse(span.to)) : 1) - left };
}
