/** What is set of one rule beside its drawing. */

import type { JSX } from "preact";
import { locale, say } from "../../../shared/i18n/index.ts";
import type { Id, Rule, RuleType, Subjects, Threshold } from "../../../shared/types.ts";
import type { Head } from "../../ptz/steering.ts";
import { Choice, Field } from "../../ui.tsx";
import { KindFacts } from "./kind_facts.tsx";
import { sayThreshold } from "./kind_words.ts";
import { References } from "./references.tsx";
import { stepOf, withThreshold, type Offered } from "./rule_drafts.ts";
import { words } from "./words.ts";

type Change = (changed: Rule) => void;

export function RuleForm(props: {
  cameraId: Id;
  rule: Rule;
  /** The rule as the server has it. */
  kept: Rule | undefined;
  kind: Offered;
  /** Its kind cried wolf on this camera. */
  isSuspended: boolean;
  moves: boolean;
  head: Head | null;
  /** It was saved: what is left is the picture that it is compared with. */
  isNext: boolean;
  onChange: Change;
}): JSX.Element {
  const { rule, kind, onChange } = props;
  const { type } = kind;
  const put = (changed: Partial<Rule>): void => onChange({ ...rule, ...changed });
  return (
    <>
      <p class="small quiet">{say(`kind.${rule.kind}`)}</p>
      <KindFacts {...kind} isSuspended={props.isSuspended} />
      <Field
        label={words("name")}
        value={rule.name}
        onInput={(name) => put({ name })}
        hint={words("points", { count: rule.points.length })}
        maxLength={120}
        required
      />
      <label class="check">
        <input
          type="checkbox"
          checked={rule.in_use}
          onInput={(event) => put({ in_use: event.currentTarget.checked })}
        />
        <span>{words("inUse")}</span>
      </label>
      {props.moves && <Position rule={rule} head={props.head} put={put} />}
      {rule.shape === "line" && (
        <Choice
          label={words("counts")}
          hint={words("countsHint")}
          value={rule.counts ?? "any"}
          options={(["any", "left", "right"] as const).map((to) => [to, words(`counts.${to}`)])}
          onChange={(counts) => put({ counts: counts as Rule["counts"] })}
        />
      )}
      {rule.bearing !== null && (
        <Field
          label={words("bearing")}
          hint={words("bearingHint")}
          type="number"
          min={0}
          max={359}
          value={rule.bearing}
          onInput={(value) => put({ bearing: Math.min(359, Math.max(0, Number(value) || 0)) })}
        />
      )}
      {type.subjects.length > 1 && (
        <Choice
          label={words("subjects")}
          value={rule.subjects ?? type.subjects[0]}
          options={type.subjects.map((who) => [who, words(`subjects.${who}`)])}
          onChange={(who) => put({ subjects: who as Subjects })}
        />
      )}
      {type.thresholds.map((threshold) => (
        <NumberOf key={threshold.name} rule={rule} type={type} threshold={threshold} onChange={onChange} />
      ))}
      <Hours rule={rule} put={put} />
      {type.needs_reference && (
        <References
          cameraId={props.cameraId}
          rule={rule}
          kept={props.kept}
          isNext={props.isNext}
        />
      )}
    </>
  );
}

function NumberOf(props: {
  rule: Rule;
  type: RuleType;
  threshold: Threshold;
  onChange: Change;
}): JSX.Element {
  const { rule, type, threshold, onChange } = props;
  const plain = (number: number): string => number.toLocaleString(locale.value);
  const value = rule.thresholds[threshold.name] ?? threshold.default;
  return (
    <Field
      label={sayThreshold(threshold)}
      hint={words("thresholdHint", {
        default: plain(threshold.default),
        least: plain(threshold.least),
        most: plain(threshold.most),
      })}
      type="number"
      min={threshold.least}
      max={threshold.most}
      step={stepOf(threshold, value)}
      value={value}
      onInput={(typed) => {
        if (typed !== "") onChange(withThreshold(rule, type, threshold.name, Number(typed)));
      }}
    />
  );
}

function Hours(props: { rule: Rule; put: (changed: Partial<Rule>) => void }): JSX.Element {
  const { hours } = props.rule;
  const put = (changed: Partial<NonNullable<Rule["hours"]>>): void => {
    if (hours) props.put({ hours: { ...hours, ...changed } });
  };
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={hours !== null}
          onInput={(event) =>
            props.put({
              hours: event.currentTarget.checked
                ? { starts: "22:00", ends: "06:00" }
                : null,
            })
          }
        />
        <span>{words("hours")}</span>
      </label>
      {hours && (
        <div class="form-row">
          <Field
            label={words("from")}
            type="time"
            value={hours.starts.slice(0, 5)}
            onInput={(starts) => put({ starts })}
            required
          />
          <Field
            label={words("until")}
            type="time"
            value={hours.ends.slice(0, 5)}
            onInput={(ends) => put({ ends })}
            required
          />
        </div>
      )}
    </>
  );
}

function Position(props: {
  rule: Rule;
  head: Head | null;
  put: (changed: Partial<Rule>) => void;
}): JSX.Element {
  const { rule, head } = props;
  const known = head?.presets ?? [];
  const kept = rule.preset;
  const isKnown = kept === null || known.some(({ token }) => token === kept);
  return (
    <Choice
      label={words("preset")}
      hint={head ? words("presetHint") : words("presetSilent")}
      value={kept ?? ""}
      required
      options={[
        ["", words("presetNone")],
        ...(isKnown ? [] : [[kept, kept] as const]),
        ...known.map(({ token, name }) => [token, name] as const),
      ]}
      onChange={(preset) => props.put({ preset: preset || null })}
    />
  );
}
