/** A break: no position, alerts still come, one press to go on. */

import { Coffee } from "lucide";
import type { JSX } from "preact";
import { age } from "../../shared/i18n/index.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { AlarmButton } from "../alerts/alarm_button.tsx";
import { AlertSheet } from "../alerts/sheet.tsx";
import { resume } from "../intents/shift.ts";
import { shift } from "../state/store.ts";
import { Strip } from "../home/strip.tsx";
import { words } from "../words/index.ts";

export function Break(): JSX.Element {
  const now = shift.value;
  return (
    <div class="home">
      <Strip />
      <main class="alone break" data-testid="break">
        <Icon node={Coffee} size={48} />
        <h1>
          {words("break.title")}{" "}
          {now.state === "break" && words("break.since", { age: age(now.since) })}
        </h1>
        <p>{words("break.text")}</p>
        <button type="button" class="button primary glove" data-testid="resume" onClick={resume}>
          {words("break.end")}
        </button>
      </main>
      <AlertSheet />
      <div class="begin-alarm">
        <AlarmButton />
      </div>
    </div>
  );
}
