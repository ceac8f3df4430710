/** What both pages say: `say("act.cancel")`, and the names of kinds, states and problems. */

import { Problem } from "../problem.ts";
import type { Instant } from "../types.ts";
import { ageSeconds, now, sayAge } from "../time.ts";
import { sayDetail, sayField } from "./details.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";
import { dictionary, locale } from "./locale.ts";

export { dictionary, locale, sayNumber, setLocale } from "./locale.ts";

export type Key = keyof typeof fr;
export const say = dictionary(fr, en);

/** The sentence of a problem by its code; the server's own title where we have none. */
export function sayProblem(error: unknown): { title: string; detail: string } {
  const problem = Problem.of(error);
  const key = `problem.${problem.code}`;
  const title = key in fr ? say(key as Key) : problem.title || say("problem.unexpected");
  if (problem.code === "offline") return { title, detail: say("problem.offline.detail") };
  const wrong = problem.errors.map(({ where, what }) => `${sayField(where)} : ${sayDetail(what)}`);
  return { title, detail: wrong.length > 0 ? wrong.join(" · ") : sayDetail(problem.detail) };
}

/** The age of `since` at this second, in words; it ticks, since it reads `now`. */
export function age(since: Instant): string {
  return sayAge(ageSeconds(since, now.value), locale.value);
}
