/** A choice of several things, each with its box; the form sends those that are ticked. */

import type { ComponentChildren, JSX } from "preact";

export function Checks(props: {
  title: string;
  name: string;
  options: readonly (readonly [value: string, label: string])[];
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <fieldset class="checks">
      <legend class="quiet small">{props.title}</legend>
      {props.options.map(([value, label]) => (
        <label class="check" key={value}>
          <input type="checkbox" name={props.name} value={value} />
          {label}
        </label>
      ))}
      {props.children}
    </fieldset>
  );
}
