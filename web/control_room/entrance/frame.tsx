/** The quiet page around a form: sign-in, a link, a refusal. */

import type { ComponentChildren, JSX } from "preact";
import { locale } from "../../shared/i18n/index.ts";
import { chooseLocale } from "../intents/session.ts";
import { words } from "../words/index.ts";

export function Frame(props: { title: string; children: ComponentChildren }): JSX.Element {
  const other = locale.value === "fr" ? "en" : "fr";
  return (
    <main class="entrance">
      <section class="entrance-card" aria-labelledby="entrance-title">
        <p class="entrance-name">
          <img src="/icon.svg" alt="" width="32" height="32" /> Ilotier
        </p>
        <h1 id="entrance-title">{props.title}</h1>
        {props.children}
        <button
          type="button"
          class="button plain"
          lang={other}
          onClick={() => chooseLocale(other)}
        >
          {words("locale.other")}
        </button>
      </section>
    </main>
  );
}
