/** Why it is dismissed: one of six, by its number, and what it leaves unsaid. */

import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import { DISMISSALS, type Alert } from "../../shared/types.ts";
import { dismiss, reasonNote } from "../intents/alerts.ts";
import { words } from "../words/index.ts";

/** What a number is about to mean must be in sight. */
function intoView(box: HTMLElement | null): void {
  box?.scrollIntoView({ block: "nearest" });
}

export function Reasons({ alert }: { alert: Alert }): JSX.Element {
  return (
    <fieldset class="reasons" data-testid="reasons" ref={intoView}>
      <legend class="small">{words("reasons.title")}</legend>
      <input
        class="input"
        type="text"
        maxLength={500}
        value={reasonNote.value}
        placeholder={words("reasons.note")}
        aria-label={words("reasons.note")}
        data-testid="reason-note"
        onClick={(event) => event.stopPropagation()}
        onInput={(event) => (reasonNote.value = event.currentTarget.value)}
      />
      {DISMISSALS.map((reason, i) => (
        <button
          key={reason}
          type="button"
          class="button line"
          data-testid={`reason-${reason}`}
          onClick={(event) => {
            event.stopPropagation();
            void dismiss(alert, reason);
          }}
        >
          <kbd>{i + 1}</kbd> {say(`dismissal.${reason}`)}
        </button>
      ))}
    </fieldset>
  );
}
