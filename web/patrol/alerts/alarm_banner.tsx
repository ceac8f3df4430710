/** What became of the agent's alarm: waiting, or arrived at the post with its time. */

import { Siren } from "lucide";
import type { JSX } from "preact";
import { sayClock } from "../../shared/time.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { dismissAlarm } from "../intents/alarm.ts";
import { alarm, link } from "../state/store.ts";
import { words } from "../words/index.ts";

export function AlarmBanner(): JSX.Element | null {
  const now = alarm.value;
  if (!now) return null;
  const text = now.arrived_at
    ? words("alarm.arrived", { time: sayClock(Date.parse(now.arrived_at)) })
    : link.value.phase === "open"
      ? words("alarm.sending")
      : words("alarm.waiting");
  return (
    <div class="alarm-banner" role="alert" data-testid="alarm-banner" data-arrived={!!now.arrived_at}>
      <Icon node={Siren} size={28} />
      <strong>{text}</strong>
      {now.arrived_at && (
        <button type="button" class="button" onClick={dismissAlarm}>
          {words("act.understood")}
        </button>
      )}
    </div>
  );
}
