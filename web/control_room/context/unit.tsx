/** One unit: what it is doing, its stream, its nearest cameras, and a word to it. */

import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import type { UnitLive } from "../../shared/types.ts";
import { Age, When } from "../../shared/ui/age.tsx";
import { GuidanceForm } from "../guidance/form.tsx";
import { GuidanceList } from "../guidance/list.tsx";
import { showLarge } from "../keyboard/keyboard.ts";
import { cameras, may, room, streams } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Nearest } from "./nearest.tsx";
import { Go, OnMap, Row } from "./parts.tsx";

export function AboutUnit({ unit }: { unit: UnitLive }): JSX.Element {
  const { position, shift } = unit;
  const stream = streams.value.find(({ unit_id }) => unit_id === unit.id);
  const intervention = unit.intervention_id
    ? room.value.interventions.get(unit.intervention_id)
    : undefined;
  return (
    <div class="about" data-testid="about-unit">
      <h1>{unit.call_sign}</h1>
      <p>
        <span class={`unit-state ${unit.state}`}>{say(`unit.${unit.state}`)}</span>{" "}
        <span class="quiet">
          {say(`unitKind.${unit.kind}`)}
          {!unit.armed && `, ${words("unit.unarmed")}`}
        </span>
      </p>
      <div class="acts">
        <OnMap point={position?.point} />
        {stream && (
          <button
            type="button"
            class="button danger"
            onClick={() => showLarge({ kind: "stream", id: stream.id })}
          >
            {words("unit.stream")}
          </button>
        )}
      </div>
      <dl>
        {shift && (
          <Row name={words("unit.shift")}>
            {shift.person_name}, {words("unit.since")} <When at={shift.started_at} />
          </Row>
        )}
        {shift?.break_since && (
          <Row name={say("unit.on-break")}>
            <Age since={shift.break_since} />
          </Row>
        )}
        <Row name={words("unit.position")}>
          {position ? (
            <>
              <Age since={position.fixed_at} />
              {position.accuracy_m !== null && `, ±${Math.round(position.accuracy_m)} m`}
            </>
          ) : (
            <span class="quiet">{words(shift ? "unit.noFix" : "unit.notLocated")}</span>
          )}
        </Row>
        {intervention && (
          <Row name={words("intervention.title")}>
            <Go to={{ kind: "intervention", id: intervention.id }}>
              {say(`kind.${intervention.kind}`)} {intervention.place}
            </Go>
          </Row>
        )}
      </dl>
      {may("guide-units", unit.commune_id) && (
        <>
          <h2>{words("guidance.title")}</h2>
          <GuidanceForm unitId={unit.id} />
          <p class="small quiet">{words("guidance.pointHow")}</p>
          <GuidanceList unitId={unit.id} />
        </>
      )}
      {position && cameras.value.length > 0 && (
        <>
          <h2>{words("unit.near")}</h2>
          <Nearest cameras={cameras.value} to={position.point} />
        </>
      )}
    </div>
  );
}
