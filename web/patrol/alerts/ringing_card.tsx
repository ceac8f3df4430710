/** An alert to answer: it rings until "J'y vais" or "Pas possible" is pressed. */

import { Ban, BellRing, Footprints } from "lucide";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { age, say } from "../../shared/i18n/index.ts";
import type { MobileAlert } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { cannot, go } from "../intents/alerts.ts";
import { words } from "../words/index.ts";
import { What } from "./what.tsx";

const REASONS = ["busy", "far", "unfit", "otherDuty"] as const;

export function RingingCard({ alert, more }: { alert: MobileAlert; more: number }): JSX.Element {
  const [asksWhy, askWhy] = useState(false);
  return (
    <>
      <p class="sheet-top" role="alert">
        <Icon node={BellRing} size={22} />
        <strong>{words(alert.kind === "panic" ? "call.ringing" : "call.new")}</strong>
        <span class="unseen">
          {say(`kind.${alert.kind}`)}, {alert.place}, {say(`service.${alert.service}`)}
        </span>
        <span aria-hidden="true" data-testid="alert-age">
          {words("call.sentAgo", { age: age(alert.sent_at ?? alert.raised_at) })}
        </span>
        {more > 0 && <span class="tag warn">{words("call.more", { count: more })}</span>}
      </p>
      <What
        kind={alert.kind}
        place={alert.place}
        point={alert.point}
        note={alert.note}
        alert={alert}
      />
      {asksWhy ? (
        <Why alert={alert} onBack={() => askWhy(false)} />
      ) : (
        <div class="answers">
          <button
            type="button"
            class="button huge"
            data-testid="cannot"
            onClick={() => askWhy(true)}
          >
            <Icon node={Ban} size={26} />
            {words("call.cannot")}
          </button>
          <button
            type="button"
            class="button primary huge"
            data-testid="go"
            onClick={() => go(alert)}
          >
            <Icon node={Footprints} size={28} />
            {words("call.go")}
          </button>
        </div>
      )}
    </>
  );
}

function Why({ alert, onBack }: { alert: MobileAlert; onBack: () => void }): JSX.Element {
  return (
    <div class="why" role="group" aria-label={words("call.why")}>
      {REASONS.map((reason) => (
        <button
          key={reason}
          type="button"
          class="button glove"
          data-testid={`cannot-${reason}`}
          onClick={() => cannot(alert, words(`reason.${reason}`))}
        >
          {words(`reason.${reason}`)}
        </button>
      ))}
      <button type="button" class="button plain glove" onClick={onBack}>
        {words("act.back")}
      </button>
    </div>
  );
}
