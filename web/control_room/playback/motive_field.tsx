/** Why something is taken out of the recordings; at first, why they are looked at. */

import type { JSX } from "preact";
import { Field } from "../ui.tsx";
import { text } from "./words/index.ts";

export function MotiveField({ said }: { said: string }): JSX.Element {
  return (
    <Field
      label={text("out.motive")}
      name="motive"
      required
      minLength={3}
      maxLength={200}
      defaultValue={said}
    />
  );
}
