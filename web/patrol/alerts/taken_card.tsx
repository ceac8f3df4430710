/** The second unit is told who was first. */

import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import type { MobileAlert } from "../../shared/types.ts";
import { sawTaken } from "../intents/alerts.ts";
import { words } from "../words/index.ts";

export function TakenCard(props: { alert: MobileAlert; callSign: string }): JSX.Element {
  const { alert, callSign } = props;
  return (
    <div class="taken" role="status" data-testid="taken">
      <h2 id="sheet-title">{words("call.taken", { unit: callSign })}</h2>
      <p>
        {say(`kind.${alert.kind}`)} · {alert.place || words("call.noPlace")}
      </p>
      <p class="quiet">{words("call.takenText", { unit: callSign })}</p>
      <button
        type="button"
        class="button glove"
        data-testid="saw-taken"
        onClick={() => sawTaken(alert.id)}
      >
        {words("act.understood")}
      </button>
    </div>
  );
}
