/** The states in which the phone can do nothing else: it says why, and what to do. */

import type { JSX } from "preact";
import { phase } from "../state/store.ts";
import { goHome } from "../intents/navigation.ts";
import { words } from "../words/index.ts";

export function Starting(): JSX.Element {
  return (
    <main class="alone" aria-busy="true">
      <h1 class="unseen">{words("app.title")}</h1>
      <p class="quiet">{words("app.starting")}</p>
    </main>
  );
}

export function NoStorage(): JSX.Element {
  return (
    <main class="alone">
      <h1>{words("noStorage.title")}</h1>
      <p>{words("noStorage.text")}</p>
    </main>
  );
}

export function NotAllowed(): JSX.Element {
  return (
    <main class="alone" data-testid="not-allowed">
      <h1>{words("notAllowed.title")}</h1>
      <p>{words("notAllowed.text")}</p>
    </main>
  );
}

export function Revoked({ lost }: { lost: number }): JSX.Element {
  const again = (): void => {
    goHome();
    phase.value = { phase: "new" };
  };
  return (
    <main class="alone" data-testid="revoked">
      <h1>{words("revoked.title")}</h1>
      <p>{words("revoked.text")}</p>
      {lost > 0 && <p>{words("revoked.lost", { count: lost })}</p>}
      <button type="button" class="button glove" onClick={again}>
        {words("revoked.again")}
      </button>
    </main>
  );
}
