/** The alarm: one second of holding, on shift or not. */

import { Siren } from "lucide";
import type { JSX } from "preact";
import { Icon } from "../../shared/ui/icon.tsx";
import { raiseAlarm } from "../intents/alarm.ts";
import { HoldButton } from "../ui/hold.tsx";
import { words } from "../words/index.ts";

export function AlarmButton(): JSX.Element {
  return (
    <HoldButton
      class="danger alarm"
      label={words("home.alarmHint")}
      testId="alarm"
      onHeld={() => void raiseAlarm()}
    >
      <Icon node={Siren} size={30} />
      <span>{words("home.alarm")}</span>
    </HoldButton>
  );
}
