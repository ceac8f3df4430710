/** An alert's still, with the zone and the box drawn over it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { svgPoints } from "../../shared/geo.ts";
import type { Alert } from "../../shared/types.ts";
import { stillOf } from "../intents/alerts.ts";
import { words } from "../words/index.ts";

export function AlertStill({ alert }: { alert: Alert }): JSX.Element {
  const [missing, setMissing] = useState(false);
  if (missing) return <p class="still-missing small quiet">{words("still.gone")}</p>;
  const { box, rule } = alert.event ?? { box: null, rule: null };
  return (
    <figure class="still" data-testid="alert-still" key={alert.event?.id}>
      <img
        src={stillOf(alert)}
        alt={words("still.alt", { zone: rule?.name ?? "" })}
        loading="lazy"
        decoding="async"
        onError={() => setMissing(true)}
      />
      <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
        {rule?.shape === "zone" && <polygon class="still-zone" points={svgPoints(rule.points)} />}
        {rule?.shape === "line" && <polyline class="still-zone" points={svgPoints(rule.points)} />}
        {box && (
          <rect
            class="still-box"
            x={box[0] * 1000}
            y={box[1] * 1000}
            width={(box[2] - box[0]) * 1000}
            height={(box[3] - box[1]) * 1000}
          />
        )}
      </svg>
      {rule && <figcaption class="small">{rule.name}</figcaption>}
    </figure>
  );
}
