/** Why a rule rests, as its camera's page knows it. Pure. */

import type { EventKind, Rests } from "../../../../shared/types.ts";
import type { WatchedRule } from "./looks.ts";

/** A kind that is suspended is in no act that detection is given: it is told as if there were none. */
export function whyRests(
  { kind, rests }: Pick<WatchedRule, "kind" | "rests">,
  suspended: readonly { kind: EventKind }[],
): Rests | null {
  return rests === "no-act" && suspended.some((one) => one.kind === kind) ? "suspended" : rests;
}
