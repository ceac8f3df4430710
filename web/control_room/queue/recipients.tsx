/** To whom it was sent. Sent, arrived on the phone, accepted: three different words. */

import type { JSX } from "preact";
import { Check, CheckCheck, CircleCheckBig, CircleX } from "lucide";
import { say } from "../../shared/i18n/index.ts";
import type { Alert, Instant, Recipient } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import { selection } from "../state/store.ts";

export function Recipients({ alert }: { alert: Alert }): JSX.Element | null {
  if (alert.recipients.length === 0) return null;
  return (
    <ul class="recipients small">
      {alert.recipients.map((one) => (
        <Line
          key={one.unit_id}
          one={one}
          accepted={alert.acknowledged_by?.unit_id === one.unit_id ? alert.acknowledged_at : null}
        />
      ))}
    </ul>
  );
}

function Line({ one, accepted }: { one: Recipient; accepted: Instant | null }): JSX.Element {
  const [state, at, icon] = one.unable_at
    ? (["unable", one.unable_at, CircleX] as const)
    : accepted
      ? (["accepted", accepted, CircleCheckBig] as const)
      : one.arrived_at
        ? (["arrived", one.arrived_at, CheckCheck] as const)
        : (["sent", one.sent_at, Check] as const);
  return (
    <li data-testid="recipient" data-state={state}>
      <Icon node={icon} size={16} />
      <button
        type="button"
        class="link"
        onClick={(event) => {
          event.stopPropagation();
          selection.value = { kind: "unit", id: one.unit_id };
        }}
      >
        {one.call_sign}
      </button>
      <strong class={state === "unable" ? "is-warn" : ""}>{say(`delivery.${state}`)}</strong>
      {one.unable_reason && <span>« {one.unable_reason} »</span>}
      <span class="quiet">
        <Age since={at} />
      </span>
    </li>
  );
}
