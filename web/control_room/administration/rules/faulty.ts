/** A rule whose drawing is to be mended, as the reason why a press did nothing. */

import { Problem } from "../../../shared/problem.ts";
import type { Rule } from "../../../shared/types.ts";
import { faultIn } from "./rule_drafts.ts";
import { words } from "./words.ts";

/** `title`: what did not happen. */
export function faulty(rule: Rule, title: string): Problem {
  const what = faultIn(rule)?.what ?? "too-few-points";
  const detail = words("faulty", { name: rule.name, fault: words(`fault.${what}`) });
  return new Problem({ type: "", title, detail, status: 422 });
}
