/** The units that could go, the best first and chosen: Enter sends. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { locale, say } from "../../shared/i18n/index.ts";
import { sayDistance } from "../../shared/geo.ts";
import { Problem } from "../../shared/problem.ts";
import { sayAge } from "../../shared/time.ts";
import type { Alert, Candidate, Id } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { candidatesFor, send } from "../intents/alerts.ts";
import { question, queue } from "../state/store.ts";
import { words } from "../words/index.ts";

interface Proposal {
  alertId: Id;
  candidates: readonly Candidate[] | null;
  problem: Problem | null;
}

const proposal = signal<Proposal | null>(null);
const chosen = signal<ReadonlySet<Id>>(new Set());
/** A fix older than this says nothing of where a unit is (the domain's STALE_FIX). */
const STALE_FIX_S = 120;

function load(alert: Alert): void {
  proposal.value = { alertId: alert.id, candidates: null, problem: null };
  chosen.value = new Set();
  const sent = new Set(alert.recipients.map(({ unit_id }) => unit_id));
  candidatesFor(alert).then(
    (all) => {
      if (proposal.value?.alertId !== alert.id) return;
      const candidates = all.filter(({ unit }) => !sent.has(unit.id));
      proposal.value = { alertId: alert.id, candidates, problem: null };
      const first = candidates[0];
      chosen.value = new Set(first ? [first.unit.id] : []);
    },
    (error: unknown) => {
      proposal.value = { alertId: alert.id, candidates: null, problem: Problem.of(error) };
    },
  );
}

/** Send to what is chosen; false while there is nothing to send to. */
export function sendChosen(): boolean {
  const held = proposal.value;
  const alert = queue.value.find(({ id }) => id === held?.alertId);
  if (!alert || !held?.candidates || chosen.value.size === 0) return false;
  void send(alert, [...chosen.value]);
  return true;
}

export function ChooseUnits({ alert }: { alert: Alert }): JSX.Element {
  useEffect(() => load(alert), [alert.id]);
  const held = proposal.value?.alertId === alert.id ? proposal.value : null;
  const box = useRef<HTMLFieldSetElement>(null);
  // What Enter is about to do must be in sight.
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), [held?.candidates]);
  const names = (held?.candidates ?? [])
    .filter(({ unit }) => chosen.value.has(unit.id))
    .map(({ unit }) => unit.call_sign);
  return (
    <fieldset ref={box} class="units" data-testid="candidates" onClick={(event) => event.stopPropagation()}>
      <legend class="small">{words("units.propose")}</legend>
      {held?.problem && <Fault error={held.problem} retry={() => load(alert)} />}
      {!held?.problem && !held?.candidates && <div class="skeleton" />}
      {held?.candidates?.length === 0 && <p class="small">{words("units.nobody")}</p>}
      {held?.candidates?.map((candidate) => (
        <One key={candidate.unit.id} candidate={candidate} />
      ))}
      {names.length > 0 && (
        <p class="small">{words("units.whatHappens", { units: names.join(", ") })}</p>
      )}
      <div class="acts">
        <button
          type="button"
          class="button primary"
          data-testid="send"
          aria-disabled={names.length === 0 ? "true" : undefined}
          onClick={() => sendChosen()}
        >
          {say("act.send")} <kbd>{words("key.enter")}</kbd>
        </button>
        <button type="button" class="button" onClick={() => (question.value = null)}>
          {words("units.later")}
        </button>
      </div>
    </fieldset>
  );
}

function One({ candidate }: { candidate: Candidate }): JSX.Element {
  const { unit, state, distance_m, fix_age_s } = candidate;
  const toggle = (): void => {
    const next = new Set(chosen.value);
    if (!next.delete(unit.id)) next.add(unit.id);
    chosen.value = next;
  };
  const stale = fix_age_s === null || fix_age_s > STALE_FIX_S;
  return (
    <label class="check candidate" data-testid="candidate">
      <input
        type="checkbox"
        checked={chosen.value.has(unit.id)}
        onChange={toggle}
        onKeyDown={(event) => {
          // Space ticks; Enter sends, as everywhere in the queue.
          if (event.key !== "Enter" || event.repeat) return;
          event.preventDefault();
          event.stopPropagation();
          sendChosen();
        }}
      />
      <strong>{unit.call_sign}</strong>
      {/* The police's are the rule, and need no word. */}
      {unit.kind !== "police-municipale" && <span>{say(`unitKind.${unit.kind}`)}</span>}
      <span class={state === "free" ? "" : "is-warn"}>{say(`unit.${state}`)}</span>
      {distance_m !== null && <span>{sayDistance(distance_m, locale.value)}</span>}
      <span class={stale ? "is-warn small" : "quiet small"}>
        {fix_age_s === null
          ? words("unit.noFix")
          : words("unit.fixAge", { age: sayAge(Math.round(fix_age_s), locale.value) })}
      </span>
    </label>
  );
}
