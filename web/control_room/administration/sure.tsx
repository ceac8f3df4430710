/** An act that can't be taken back: one sentence of what will happen, one deliberate press. */

import type { JSX } from "preact";
import { Form } from "../ui.tsx";
import { Opens } from "./section.tsx";

export function Sure(props: {
  label: string;
  what: string;
  testid?: string;
  onYes: () => Promise<unknown>;
}): JSX.Element {
  return (
    <Opens label={props.label} {...(props.testid ? { testid: props.testid } : {})}>
      {(close) => (
        <Form
          submit={props.label}
          tone="danger"
          onCancel={close}
          onSubmit={async () => {
            await props.onYes();
            close();
          }}
        >
          <p>{props.what}</p>
        </Form>
      )}
    </Opens>
  );
}
