/** What a kind declares: its law, whom it is for, what the still must show, what does not work. */

import type { JSX } from "preact";
import { locale } from "../../../shared/i18n/index.ts";
import { now, sayDay } from "../../../shared/time.ts";
import { sayEvidence, sayLimits, sayList, sayService } from "./kind_words.ts";
import type { Offered } from "./rule_drafts.ts";
import { words } from "./words.ts";

export function KindFacts({ type, until, isSuspended }: Offered & { isSuspended: boolean }): JSX.Element {
  return (
    <div class="kind-facts" data-testid="kind-facts">
      <p class={until ? "small" : "small is-warn"}>
        {until ? words("until.act", { date: sayDay(until, now.value, locale.value) }) : words("until.none")}
      </p>
      {isSuspended && <p class="small is-warn">{words("suspended")}</p>}
      {type.unavailable !== null && (
        <p class="small is-warn">{words("needsModel", { labels: type.labels.join(", ") })}</p>
      )}
      {type.is_experimental && (
        <p class="small is-warn">
          <span class="tag warn">{words("experimental")}</span> {words("experimentalWhy")}
        </p>
      )}
      <details>
        <summary>{words("facts")}</summary>
        <dl class="small">
          <dt>{words("list")}</dt>
          <dd>{sayList(type)}</dd>
          <dt>{words("service")}</dt>
          <dd>{sayService(type.service)}</dd>
          <dt>{words("evidence")}</dt>
          <dd>{sayEvidence(type)}</dd>
          <dt>{words("limits")}</dt>
          <dd>{sayLimits(type)}</dd>
        </dl>
      </details>
    </div>
  );
}
