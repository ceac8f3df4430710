/** What was decided before, by whom and when; any of it may be taken again. */

import type { JSX } from "preact";
import { locale } from "../../../shared/i18n/index.ts";
import { now, sayAbsolute, sayWhen } from "../../../shared/time.ts";
import type { CameraMasking, Masking } from "../../../shared/types.ts";
import { words } from "./words.ts";

export function Versions(props: {
  masking: CameraMasking;
  onTake: (former: Masking) => void;
}): JSX.Element {
  const { decisions } = props.masking;
  if (decisions.length === 0) return <p class="small quiet">{words("never")}</p>;
  return (
    <details>
      <summary>{words("history")}</summary>
      <ul class="versions">
        {decisions.map((one, i) => (
          <li key={one.version}>
            <span>
              {words("version", { version: one.version, what: what(one), who: one.decided_by_name })}{" "}
              <time class="small quiet" dateTime={one.decided_at} title={sayAbsolute(one.decided_at, locale.value)}>
                {sayWhen(one.decided_at, now.value, locale.value)}
              </time>
            </span>
            {i > 0 && (
              <button type="button" class="button" onClick={() => props.onTake(one)}>
                {words("again")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p class="small quiet">{words("past")}</p>
    </details>
  );
}

function what({ by_camera, masks }: Masking): string {
  if (by_camera) return words("camera");
  if (masks.length === 0) return words("nothing");
  return words("count", { count: masks.length });
}
