/** Fields for moments of the past, by the clock on the wall: also in the hour that comes twice. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { momentsOf, sayTime, toField } from "../../shared/moments.ts";
import { Choice, Field, textOf } from "../ui.tsx";
import type { Span } from "./timeline.ts";
import { text } from "./words/index.ts";

const whichOf = (name: string): string => `${name}-which`;

/** `at`: what it shows at first. In the hour that comes twice it asks which of both is meant. */
export function MomentField(props: {
  label: string;
  name: string;
  at: number;
  max?: number;
  hint?: string;
}): JSX.Element {
  const { label, name, at, max, hint } = props;
  const [value, setValue] = useState(toField(at));
  const first = String(Math.floor(at / 1000) * 1000);
  const moments = momentsOf(value);
  return (
    <div>
      <Field
        label={label}
        name={name}
        type="datetime-local"
        step={1}
        required
        value={value}
        max={max && toField(max)}
        hint={hint}
        invalid={value !== "" && moments.length === 0 ? text("moment.none") : undefined}
        onInput={setValue}
      />
      {moments.length > 1 && (
        <Choice
          label={text("moment.which")}
          name={whichOf(name)}
          value={first}
          options={moments.map((one) => [String(one), sayTime(one)] as const)}
        />
      )}
    </div>
  );
}

/** The moment that a `MomentField` was given. */
export function momentOf(form: FormData, name: string): number {
  const which = Number(textOf(form, whichOf(name)));
  const moments = momentsOf(textOf(form, name));
  return moments.find((one) => one === which) ?? (moments[0] as number);
}

/** From when to when: fields `from` and `to`. */
export function HoursFields({ hours }: { hours: Span }): JSX.Element {
  return (
    <div class="form-row hours">
      {(["from", "to"] as const).map((name) => (
        <MomentField key={name} label={text(`hours.${name}`)} name={name} at={hours[name]} />
      ))}
    </div>
  );
}

export const hoursOf = (form: FormData): Span => ({
  from: momentOf(form, "from"),
  to: momentOf(form, "to"),
});

/** `2026-11-28 21.14.05`, as a file may be called on every system. */
export const fileTime = (at: number): string => toField(at).replace("T", " ").replaceAll(":", ".");
