/** Why less is shown than a trial has found: kinds that no act allows any more. Pure. */

import { sayProblem } from "../../../../shared/i18n/index.ts";
import { Problem } from "../../../../shared/problem.ts";
import type { Trial } from "./api.ts";

/** Its problem in words; empty when it has none. */
export function sayTrouble({ problem }: Pick<Trial, "problem">): string {
  return problem && sayProblem(new Problem({ type: problem, title: "", status: 500 })).title;
}

/** Of one that failed, its state says why it ended. */
export const whyWithheld = (trial: Pick<Trial, "problem" | "state">): string =>
  trial.state === "failed" ? "" : sayTrouble(trial);
