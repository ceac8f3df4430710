/** One intervention: its units step by step, more units, what was heard by radio, its end. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Radio } from "lucide";
import { locale, say } from "../../shared/i18n/index.ts";
import { distanceM, sayDistance, sayPoint } from "../../shared/geo.ts";
import {
  SERVICE_OF,
  type Assignment,
  type Intervention,
  type StepState,
  type UnitLive,
} from "../../shared/types.ts";
import { Age, When } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import { assign, closeIntervention, heardByRadio } from "../intents/interventions.ts";
import { sinceOf } from "../interventions/ages.ts";
import { lookBackOnIntervention, sourcesOfIntervention } from "../state/looking.ts";
import { guidance, may, onShift, room } from "../state/store.ts";
import { Area, Dialog, Form, textOf } from "../ui.tsx";
import { LookBack } from "../wall/look_back.tsx";
import { words } from "../words/index.ts";
import { Go, OnMap } from "./parts.tsx";

const NEXT: readonly StepState[] = ["assigned", "en-route", "on-scene", "closed"];

export function AboutIntervention({ intervention }: { intervention: Intervention }): JSX.Element {
  const [closing, setClosing] = useState(false);
  const manages = may("manage-interventions", intervention.commune_id);
  const open = intervention.state !== "closed";
  const { point, place } = intervention;
  return (
    <div class="about" data-testid="about-intervention" data-state={intervention.state}>
      <h1>{say(`kind.${intervention.kind}`)}</h1>
      <p>
        <span class="tag">{say(`intervention.${intervention.state}`)}</span>{" "}
        <Age since={sinceOf(intervention)} />
      </p>
      <p>{place || (point ? sayPoint(point, locale.value) : words("place.unknown"))}</p>
      <div class="acts">
        <LookBack
          sources={sourcesOfIntervention(intervention.id)}
          onPress={() => lookBackOnIntervention(intervention.id)}
        />
        <OnMap point={point} />
        {intervention.alert_id && room.value.alerts.has(intervention.alert_id) && (
          <Go to={{ kind: "alert", id: intervention.alert_id }}>{words("act.alert")}</Go>
        )}
        {manages && open && (
          <button
            type="button"
            class="button"
            data-testid="close-intervention"
            onClick={() => setClosing(true)}
          >
            {words("act.closeIntervention")}
          </button>
        )}
      </div>
      <h2>{words("intervention.units")}</h2>
      {intervention.assignments.length === 0 && (
        <p class="small quiet">{words("intervention.nobody")}</p>
      )}
      <ul class="assignments">
        {intervention.assignments.map((one) => (
          <Assigned
            key={one.unit_id}
            one={one}
            intervention={intervention}
            editable={manages && open}
          />
        ))}
      </ul>
      {manages && open && <MoreUnits intervention={intervention} />}
      <h2>{words("context.history")}</h2>
      <Story intervention={intervention} />
      {intervention.report && (
        <>
          <h2>{words("intervention.report")}</h2>
          <p>{intervention.report}</p>
        </>
      )}
      {closing && (
        <Dialog title={words("act.closeIntervention")} onClose={() => setClosing(false)}>
          <p>{words("intervention.closingWhat")}</p>
          <Form
            testid="closing-form"
            submit={words("act.closeIntervention")}
            tone="danger"
            onCancel={() => setClosing(false)}
            onSubmit={async (form) => {
              await closeIntervention(intervention, textOf(form, "report"));
              setClosing(false);
            }}
          >
            <Area label={words("intervention.report")} name="report" maxLength={2000} />
          </Form>
        </Dialog>
      )}
    </div>
  );
}

function Assigned(props: {
  one: Assignment;
  intervention: Intervention;
  editable: boolean;
}): JSX.Element {
  const { one, intervention, editable } = props;
  const later = NEXT.slice(NEXT.indexOf(one.state) + 1);
  return (
    <li data-testid="assignment" data-state={one.state}>
      <p>
        <Go to={{ kind: "unit", id: one.unit_id }}>{one.call_sign}</Go>{" "}
        <strong>{say(`intervention.${one.state}`)}</strong>{" "}
        {one.by_radio && (
          <span class="tag">
            <Icon node={Radio} size={14} /> {words("intervention.radio")}
          </span>
        )}
      </p>
      {editable && one.state !== "closed" && (
        <div class="acts" role="group" aria-label={words("intervention.heard", { unit: one.call_sign })}>
          {later.map((state) => (
            <button
              key={state}
              type="button"
              class="button"
              data-testid={`radio-${state}`}
              onClick={() => void heardByRadio(intervention, one.unit_id, state)}
            >
              <Icon node={Radio} size={16} /> {say(`intervention.${state}`)}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}

function MoreUnits({ intervention }: { intervention: Intervention }): JSX.Element | null {
  const on = new Set(
    intervention.assignments.filter(({ state }) => state !== "closed").map(({ unit_id }) => unit_id),
  );
  const metres = (one: (typeof onShift.value)[number]): number =>
    one.position && intervention.point ? distanceM(one.position.point, intervention.point) : Infinity;
  const isOther = ({ kind }: UnitLive): boolean => SERVICE_OF[kind] !== intervention.service;
  const free = onShift.value
    .filter(({ id, shift }) => !on.has(id) && !shift?.break_since)
    .toSorted(
      (a, b) =>
        Number(isOther(a)) - Number(isOther(b)) ||
        Number(a.state !== "free") - Number(b.state !== "free") ||
        metres(a) - metres(b),
    );
  if (free.length === 0) return null;
  return (
    <details open={on.size === 0}>
      <summary>{words("intervention.assign")}</summary>
      <ul>
        {free.map((unit) => (
          <li key={unit.id}>
            <button
              type="button"
              class="button line"
              data-testid="assign-unit"
              onClick={() => void assign(intervention, [unit.id])}
            >
              <strong>{unit.call_sign}</strong>
              <span class="small quiet">
                {unit.kind !== "police-municipale" && `${say(`unitKind.${unit.kind}`)} · `}
                {say(`unit.${unit.state}`)}
                {Number.isFinite(metres(unit)) && ` · ${sayDistance(metres(unit), locale.value)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** All that is known of it in the order it happened: its units' steps and what was sent to them. */
function Story({ intervention }: { intervention: Intervention }): JSX.Element {
  const steps: [string | null, string][] = [
    [intervention.created_at, words("step.created")],
    ...intervention.assignments.flatMap((one): [string | null, string][] => [
      [one.assigned_at, `${one.call_sign} : ${say("intervention.assigned")}`],
      [one.en_route_at, `${one.call_sign} : ${say("intervention.en-route")}`],
      [one.on_scene_at, `${one.call_sign} : ${say("intervention.on-scene")}`],
      [one.cleared_at, `${one.call_sign} : ${say("intervention.closed")}`],
    ]),
    ...guidance.value
      .filter(({ intervention_id }) => intervention_id === intervention.id)
      .flatMap((one): [string | null, string][] => [
        [one.sent_at, `${one.call_sign} ← « ${one.text || one.place} »`],
        [one.read_at, `${one.call_sign} : ${say("delivery.read")}`],
      ]),
    [intervention.closed_at, words("step.closed")],
  ];
  const told = steps
    .filter((step): step is [string, string] => step[0] !== null)
    .toSorted(([a], [b]) => Date.parse(a) - Date.parse(b));
  return (
    <ol class="timeline">
      {told.map(([at, what], i) => (
        <li key={i}>
          <When at={at} /> <span>{what}</span>
        </li>
      ))}
    </ol>
  );
}
