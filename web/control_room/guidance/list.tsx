/** What was sent to a unit, and how far it came: sent, arrived on the phone, read. */

import type { JSX } from "preact";
import { Check, CheckCheck, Eye } from "lucide";
import { locale, say } from "../../shared/i18n/index.ts";
import { sayPoint } from "../../shared/geo.ts";
import type { Guidance, Id } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import { goTo } from "../map/view_point.ts";
import { guidance, stage } from "../state/store.ts";
import { words } from "../words/index.ts";

const SHOWN = 6;

export function GuidanceList({ unitId }: { unitId: Id }): JSX.Element {
  const sent = guidance.value.filter(({ unit_id }) => unit_id === unitId).slice(0, SHOWN);
  if (sent.length === 0) return <p class="small quiet">{words("guidance.none")}</p>;
  return (
    <ul class="guidance-list">
      {sent.map((one) => (
        <One key={one.id} one={one} />
      ))}
    </ul>
  );
}

function One({ one }: { one: Guidance }): JSX.Element {
  const [state, at, icon] = one.read_at
    ? (["read", one.read_at, Eye] as const)
    : one.arrived_at
      ? (["arrived", one.arrived_at, CheckCheck] as const)
      : (["sent", one.sent_at, Check] as const);
  const { point } = one;
  return (
    <li data-testid="guidance-row" data-state={state}>
      {one.text && <p>« {one.text} »</p>}
      {point && (
        <button
          type="button"
          class="link"
          onClick={() => {
            stage.value = "map";
            goTo(point);
          }}
        >
          {one.place || sayPoint(point, locale.value)}
        </button>
      )}
      <p class="small">
        <Icon node={icon} size={16} /> <strong>{say(`delivery.${state}`)}</strong>{" "}
        <span class="quiet">
          <Age since={at} /> · {one.sent_by.name}
        </span>
      </p>
    </li>
  );
}
