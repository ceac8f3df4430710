/** The board: interventions by state, each with its age in that state. */

import type { JSX } from "preact";
import { locale, say } from "../../shared/i18n/index.ts";
import { sayPoint } from "../../shared/geo.ts";
import { now } from "../../shared/time.ts";
import type { Intervention, InterventionState } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { interventions, may, room, selection } from "../state/store.ts";
import { words } from "../words/index.ts";
import { sinceOf, urgencyOf } from "./ages.ts";
import { NewIntervention } from "./new.tsx";

const COLUMNS: readonly InterventionState[] = ["created", "assigned", "en-route", "on-scene", "closed"];
const CLOSED_SHOWN = 20;

export function InterventionBoard(): JSX.Element {
  const all = interventions.value;
  return (
    <section class="board" aria-labelledby="board-title" data-testid="board">
      <header class="region-head">
        <h1 id="board-title">{words("stage.board")}</h1>
        {may("manage-interventions") && <NewIntervention />}
      </header>
      {!room.value.known && <div class="skeleton stage-skeleton" />}
      {room.value.known && all.length === 0 && (
        <div class="empty">
          <p>{words("board.empty")}</p>
          <p class="small">{words("board.emptyHow")}</p>
        </div>
      )}
      {all.length > 0 && (
        <div class="board-columns">
          {COLUMNS.map((state) => (
            <Column key={state} state={state} all={all} />
          ))}
        </div>
      )}
    </section>
  );
}

function Column(props: { state: InterventionState; all: readonly Intervention[] }): JSX.Element {
  const here = props.all
    .filter(({ state }) => state === props.state)
    .toSorted((a, b) => Date.parse(sinceOf(a)) - Date.parse(sinceOf(b)));
  const shown = props.state === "closed" ? here.toReversed().slice(0, CLOSED_SHOWN) : here;
  return (
    <section class="board-column" aria-label={say(`intervention.${props.state}`)}>
      <h2>
        {say(`intervention.${props.state}`)} <span class="quiet">{here.length}</span>
      </h2>
      <ul>
        {shown.map((one) => (
          <li key={one.id}>
            <Row one={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const names = (units: Intervention["assignments"]): string =>
  units.map(({ call_sign }) => call_sign).join(", ");

function Row({ one }: { one: Intervention }): JSX.Element {
  const chosen = selection.value?.kind === "intervention" && selection.value.id === one.id;
  const since = sinceOf(one);
  const urgency = urgencyOf(one, now.value);
  const units = one.assignments.filter(({ state }) => state !== "closed" || one.closed_at);
  // Nobody is on it any more: it asks to be closed, not for a unit.
  const left = names(one.assignments);
  return (
    <button
      type="button"
      class={chosen ? "intervention-row chosen" : "intervention-row"}
      data-testid="intervention-row"
      data-intervention={one.id}
      data-state={one.state}
      aria-pressed={chosen}
      onClick={() => (selection.value = { kind: "intervention", id: one.id })}
    >
      <span class="intervention-head">
        <strong>{say(`kind.${one.kind}`)}</strong>
        <span class={`intervention-age ${urgency}`}>
          {urgency !== "normal" && <span class="unseen">{words(`board.${urgency}`)} </span>}
          <Age since={since} bare />
        </span>
      </span>
      <span class="small">
        {one.place || (one.point ? sayPoint(one.point, locale.value) : words("place.unknown"))}
      </span>
      <span class="small quiet">
        {names(units) || (left ? words("board.toClose", { units: left }) : words("intervention.nobody"))}
      </span>
    </button>
  );
}
