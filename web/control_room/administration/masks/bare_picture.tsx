/** The one picture without masks: asked for with a motive, which goes into the register. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Field } from "../../ui.tsx";
import { words } from "./words.ts";

export function BarePicture(props: { onShow: (motive: string) => void }): JSX.Element {
  const [motive, setMotive] = useState<string>(words("bareUsual"));
  return (
    <div class="form-row">
      <Field
        label={words("bareMotive")}
        value={motive}
        onInput={setMotive}
        hint={words("bareHint")}
        minLength={3}
        maxLength={200}
      />
      <button
        type="button"
        class="button"
        data-testid="bare-picture"
        disabled={motive.trim().length < 3}
        onClick={() => props.onShow(motive.trim())}
      >
        {words("bare")}
      </button>
    </div>
  );
}
