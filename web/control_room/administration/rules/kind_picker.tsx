/** A new rule: its kind first. Those that may be looked for on this camera now stand first. */

import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { RuleType } from "../../../shared/types.ts";
import { nameOf } from "./kind_words.ts";
import type { Offered } from "./rule_drafts.ts";
import { words } from "./words.ts";

export function KindPicker(props: {
  kinds: readonly Offered[];
  onPick: (type: RuleType) => void;
}): JSX.Element {
  const id = useId();
  const group = (label: string, kinds: readonly Offered[]): JSX.Element | null =>
    kinds.length > 0 ? (
      <optgroup label={label}>
        {kinds.map(({ type }) => (
          <option key={type.kind} value={type.kind}>
            {nameOf(type)}
          </option>
        ))}
      </optgroup>
    ) : null;
  return (
    <div class="field">
      <label class="label" for={id}>
        {words("add")}
      </label>
      <select
        class="input"
        id={id}
        data-testid="add-rule"
        onChange={(event) => {
          const picked = props.kinds.find(({ type }) => type.kind === event.currentTarget.value);
          event.currentTarget.value = "";
          if (picked) props.onPick(picked.type);
        }}
      >
        <option value="">{words("choose")}</option>
        {group(words("allowed"), props.kinds.filter(({ until }) => until !== null))}
        {group(words("notAllowed"), props.kinds.filter(({ until }) => until === null))}
      </select>
    </div>
  );
}
