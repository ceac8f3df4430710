/** A text that is taken elsewhere: copied by a press, which is said, or selected for the keyboard. */

import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { text } from "./words/index.ts";

export function Copied(props: {
  label: string;
  hint: string;
  value: string;
  /** What the button says, and what is said once it has copied. */
  copy: string;
  done: string;
  /** The keys go to the button: what had them is gone. */
  takesKeys?: boolean;
  testid?: string;
}): JSX.Element {
  const { label, hint, value } = props;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (props.takesKeys) button.current?.focus();
  }, []);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setSaid(props.done);
    } catch {
      // Refused, or there is none: a page that did not come by HTTPS.
      field.current?.select();
      setSaid(text("copy.refused"));
    }
  };
  return (
    <div class="field" data-testid={props.testid}>
      <label class="label" for={id}>
        {label}
      </label>
      <input
        ref={field}
        id={id}
        class="input"
        value={value}
        readOnly
        spellcheck={false}
        aria-describedby={`${id}-hint`}
        onFocus={(event) => event.currentTarget.select()}
      />
      <span class="hint" id={`${id}-hint`}>
        {hint}
      </span>
      {/* In the dialog: what the page says at its foot is not read beside one. */}
      <div class="acts">
        <button
          ref={button}
          type="button"
          class="button"
          aria-describedby={`${id}-hint`}
          onClick={() => void copy()}
        >
          {props.copy}
        </button>
        <span class="small" role="status">
          {said}
        </span>
      </div>
    </div>
  );
}
