/** What just happened, in a sentence; and that a new version may be taken. */

import { X } from "lucide";
import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { dismiss } from "../intents/notices.ts";
import { takeUpdate } from "../intents/worker.ts";
import { notices, updateWaiting } from "../state/store.ts";
import { words } from "../words/index.ts";

export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, tone, text }) => (
        <p key={id} class={`notice ${tone}`} data-testid="notice">
          <span>{text}</span>
          <button
            type="button"
            class="button plain icon"
            aria-label={say("act.close")}
            onClick={() => dismiss(id)}
          >
            <Icon node={X} />
          </button>
        </p>
      ))}
      {updateWaiting.value && (
        <p class="notice quiet" data-testid="update">
          <span>{words("update.ready")}</span>
          <button type="button" class="button" onClick={takeUpdate}>
            {words("update.do")}
          </button>
        </p>
      )}
    </div>
  );
}
