/**
 * A new rule: its kind first. Those that may be looked for on this camera now stand first.
 *
 * An arrow key at a closed list chooses: only the button, or Enter, adds what is chosen.
 */

import type { JSX } from "preact";
import { useId, useRef } from "preact/hooks";
import type { RuleType } from "../../../shared/types.ts";
import { nameOf } from "./kind_words.ts";
import type { Offered } from "./rule_drafts.ts";
import { words } from "./words.ts";

export function KindPicker(props: {
  kinds: readonly Offered[];
  onPick: (type: RuleType) => void;
}): JSX.Element {
  const id = useId();
  const list = useRef<HTMLSelectElement>(null);
  const add = (): void => {
    const picked = props.kinds.find(({ type }) => type.kind === list.current?.value);
    if (!picked || !list.current) return list.current?.focus();
    list.current.value = "";
    props.onPick(picked.type);
  };
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
    <div class="kind-picker">
      <div class="field">
        <label class="label" for={id}>
          {words("add")}
        </label>
        <select
          class="input"
          id={id}
          ref={list}
          data-testid="add-rule"
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault(); // what is drawn is not saved by it
            add();
          }}
        >
          <option value="">{words("choose")}</option>
          {group(words("allowed"), props.kinds.filter(({ until }) => until !== null))}
          {group(words("notAllowed"), props.kinds.filter(({ until }) => until === null))}
        </select>
      </div>
      <button type="button" class="button" data-testid="add-rule-do" onClick={add}>
        {words("addIt")}
      </button>
    </div>
  );
}
