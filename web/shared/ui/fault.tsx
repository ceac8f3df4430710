/** A problem as a person reads it: what happened, and what can be done. */

import type { JSX } from "preact";
import { say, sayProblem } from "../i18n/index.ts";

export function Fault({ error, retry }: { error: unknown; retry?: () => void }): JSX.Element {
  const { title, detail } = sayProblem(error);
  return (
    <div class="fault-box" role="alert">
      <strong>{title}</strong>
      {detail && <p>{detail}</p>}
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {say("act.retry")}
        </button>
      )}
    </div>
  );
}
