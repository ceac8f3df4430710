/** The second step: who may ask the camera; then it says what it is, or what is wrong is said. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Field, Form, textOf } from "../../ui.tsx";
import { text } from "../words/index.ts";
import { describeCamera, type Described, type Visit } from "./onvif.ts";
import { troubleOf, words, type Trouble } from "./words.ts";

export function AskStep(props: {
  visit: Visit;
  onSaid: (visit: Visit, said: Described) => void;
  onBack: () => void;
}): JSX.Element {
  const { address } = props.visit;
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const submit = async (form: FormData): Promise<void> => {
    const username = textOf(form, "username");
    const password = form.get("password");
    const visit: Visit = username
      ? { address, username, password: typeof password === "string" ? password : "" }
      : { address };
    setBusy(true);
    setTrouble(null);
    try {
      const said = await describeCamera(visit);
      if (said.reason) setTrouble(said.reason);
      else props.onSaid(visit, said);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form testid="ask-camera" submit={words(busy ? "ask.busy" : "ask.next")} onSubmit={submit}>
      <p class="wizard-address">{address}</p>
      <div class="form-row">
        <Field
          label={text("camera.username")}
          name="username"
          defaultValue={props.visit.username}
          autocomplete="off"
          hint={words("ask.hint")}
          autofocus
        />
        <Field
          label={text("camera.password")}
          name="password"
          type="password"
          defaultValue={props.visit.password}
          autocomplete="new-password"
          hint={text("camera.passwordHint")}
        />
      </div>
      {trouble && (
        <p role="alert" class="is-warn" data-testid="trouble">
          {words("ask.failed", { reason: troubleOf(trouble) })}
        </p>
      )}
      <button type="button" class="button plain" onClick={props.onBack}>
        {words("back")}
      </button>
    </Form>
  );
}
