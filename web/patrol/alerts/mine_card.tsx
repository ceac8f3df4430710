/** This unit's own call: on its way, on scene, done. */

import { CheckCheck, CloudUpload, Footprints, MapPinCheck } from "lucide";
import type { JSX } from "preact";
import { Icon } from "../../shared/ui/icon.tsx";
import { step } from "../intents/alerts.ts";
import type { Call } from "../state/calls.ts";
import { callSign } from "../state/store.ts";
import { words } from "../words/index.ts";
import { What } from "./what.tsx";

type Mine = Call & { phase: "mine" };

const NEXT = {
  assigned: { to: "en-route", word: "call.enRoute", icon: Footprints, testId: "en-route" },
  "en-route": { to: "on-scene", word: "call.onScene", icon: MapPinCheck, testId: "on-scene" },
  "on-scene": { to: "closed", word: "call.done", icon: CheckCheck, testId: "done" },
} as const;

export function MineCard({ now }: { now: Mine }): JSX.Element | null {
  const about = now.intervention ?? now.alert;
  if (!about) return null;
  const next = NEXT[now.step];
  const others = (now.intervention?.assignments ?? [])
    .filter(({ state, call_sign }) => state !== "closed" && call_sign !== callSign.value)
    .map(({ call_sign }) => call_sign);
  return (
    <>
      <p class="sheet-top">
        <strong data-testid="call-step" data-step={now.step}>
          {words(`call.state.${now.step}`)}
        </strong>
        {others.length > 0 && <span>{words("call.with", { units: others.join(", ") })}</span>}
        {now.waiting && (
          <span class="tag warn" data-testid="call-waiting">
            <Icon node={CloudUpload} size={18} />
            {words("waiting.mark")}
          </span>
        )}
      </p>
      <What
        kind={about.kind}
        place={about.place}
        point={about.point}
        note={now.alert?.note ?? ""}
        alert={now.alert}
      />
      <button
        type="button"
        class="button primary huge"
        data-testid={next.testId}
        onClick={() => step(now.intervention_id, next.to)}
      >
        <Icon node={next.icon} size={28} />
        {words(next.word)}
      </button>
    </>
  );
}
