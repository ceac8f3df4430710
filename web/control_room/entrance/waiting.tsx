/** Until it is known who is there, or while the server does not answer. */

import type { JSX } from "preact";
import { link } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Frame } from "./frame.tsx";

export function Waiting(): JSX.Element {
  const lost = link.value.phase === "lost";
  return (
    <Frame title={words(lost ? "waiting.lost" : "waiting.title")}>
      {lost ? <p role="status">{words("waiting.retry")}</p> : <div class="skeleton" />}
    </Frame>
  );
}
