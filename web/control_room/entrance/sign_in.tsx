/** The sign-in page; it says why one is here when a session has ended. */

import type { JSX } from "preact";
import { signIn } from "../intents/session.ts";
import { allowSound } from "../notices/sounds.ts";
import { endedBecause } from "../state/store.ts";
import { Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Frame } from "./frame.tsx";

export function SignIn(): JSX.Element {
  const why = endedBecause.value;
  return (
    <Frame title={words("signIn.title")}>
      {why && (
        <p class="entrance-why" role="status">
          {words(`ended.${why}`)}
        </p>
      )}
      <Form
        testid="sign-in-form"
        submit={words("signIn.submit")}
        onSubmit={async (form) => {
          allowSound(); // the press that signs in also lets the page play its tones
          await signIn(textOf(form, "sign_in"), String(form.get("password") ?? ""));
        }}
      >
        <Field
          label={words("signIn.name")}
          name="sign_in"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          autofocus
        />
        <Field
          label={words("signIn.password")}
          name="password"
          type="password"
          autocomplete="current-password"
          required
        />
      </Form>
      <p class="quiet small">{words("signIn.help")}</p>
    </Frame>
  );
}
