/** What a web page can't do with the screen off, and what to use instead: said plainly. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { credentials } from "../state/store.ts";
import { goHome } from "../intents/navigation.ts";
import { Frame } from "../ui/frame.tsx";
import { words } from "../words/index.ts";
import { QrCode } from "./qr_code.tsx";

const CANNOT = ["position", "film", "keys", "push", "ios"] as const;

export function Limits(): JSX.Element {
  return (
    <Frame title={words("limits.title")} testId="limits-page" onBack={goHome}>
      <p>{words("limits.intro")}</p>
      <ul class="list">
        {CANNOT.map((what) => (
          <li key={what}>{words(`limits.${what}`)}</li>
        ))}
      </ul>
      <h2>{words("limits.instead")}</h2>
      <ul class="list">
        <li>{words("limits.traccar")}</li>
        <li>{words("limits.filmInstead")}</li>
        <li>{words("limits.radio")}</li>
        <li>{words("limits.veil")}</li>
      </ul>
      {credentials.value && <Traccar />}
    </Frame>
  );
}

function Traccar(): JSX.Element | null {
  const [isShown, show] = useState(false);
  const osmand = credentials.value?.osmand;
  if (!osmand) return null;
  return (
    <section class="traccar">
      <h2>Traccar Client</h2>
      <p>{words("limits.traccarSet")}</p>
      <dl class="pairs">
        <dt>{words("limits.url")}</dt>
        <dd data-testid="osmand-url">{osmand.url}</dd>
        {isShown && (
          <>
            <dt>{words("limits.id")}</dt>
            <dd data-testid="osmand-id">{osmand.id}</dd>
          </>
        )}
      </dl>
      {isShown && <QrCode text={settingsLink(osmand)} label={words("limits.qr")} />}
      <button
        type="button"
        class="button glove"
        aria-expanded={isShown}
        data-testid="show-osmand"
        onClick={() => show(!isShown)}
      >
        {words(isShown ? "limits.hide" : "limits.show")}
      </button>
    </section>
  );
}

/** What Traccar Client understands when it scans: the server's address with its settings. */
function settingsLink({ url, id }: { url: string; id: string }): string {
  const settings = new URLSearchParams({ id, accuracy: "highest", interval: "10", heartbeat: "60" });
  return `${url}?${settings}`;
}
