/** The units: who is on shift, doing what, seen when. */

import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import { now } from "../../shared/time.ts";
import type { UnitLive } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { LATE_FIX_S } from "../bar/health_word.ts";
import { onShift, room, selection, units } from "../state/store.ts";
import { words } from "../words/index.ts";

export function UnitList(): JSX.Element {
  const off = units.value.filter(({ shift }) => shift === null);
  return (
    <div class="about" data-testid="units">
      <h1>{words("units.title")}</h1>
      {!room.value.known && <div class="skeleton" />}
      {room.value.known && onShift.value.length === 0 && (
        <div class="empty">
          <p>{words("units.nobody")}</p>
          <p class="small">{words("units.nobodyHow")}</p>
        </div>
      )}
      <ul class="unit-list">
        {onShift.value.map((unit) => (
          <li key={unit.id}>
            <UnitRow unit={unit} />
          </li>
        ))}
      </ul>
      {off.length > 0 && (
        <details>
          <summary>{words("units.off", { count: off.length })}</summary>
          <ul class="unit-list">
            {off.map((unit) => (
              <li key={unit.id}>
                <UnitRow unit={unit} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

export function UnitRow({ unit }: { unit: UnitLive }): JSX.Element {
  const { position, shift } = unit;
  const late = position && now.value - Date.parse(position.fixed_at) > LATE_FIX_S * 1000;
  return (
    <button
      type="button"
      class="unit-row"
      data-testid="unit-row"
      data-unit={unit.id}
      data-state={unit.state}
      onClick={() => (selection.value = { kind: "unit", id: unit.id })}
    >
      <strong>{unit.call_sign}</strong>
      <span class={`unit-state ${unit.state}`}>{say(`unit.${unit.state}`)}</span>
      <span class="small quiet">{shift?.person_name}</span>
      {shift && (
        <span class={late ? "small is-warn" : "small quiet"}>
          {shift.break_since ? (
            <Age since={shift.break_since} />
          ) : position ? (
            <Age since={position.fixed_at} />
          ) : (
            words("unit.noFix")
          )}
        </span>
      )}
    </button>
  );
}
