/** Cameras near a place that no camera was asked about: to be looked at, never turned. */

import type { JSX } from "preact";
import { locale } from "../../shared/i18n/index.ts";
import { distanceM, sayDistance } from "../../shared/geo.ts";
import type { Point } from "../../shared/types.ts";
import { cameras, may } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Go } from "./parts.tsx";

const NEAREST = 3;

export function NearCameras({ point }: { point: Point }): JSX.Element | null {
  const near = cameras.value
    .filter((one) => !one.disabled_at && one.lawful.ok && may("view-cameras", one.commune_id))
    .map((camera) => ({ camera, metres: distanceM(camera.point, point) }))
    .toSorted((a, b) => a.metres - b.metres)
    .slice(0, NEAREST);
  if (near.length === 0) return null;
  return (
    <section aria-label={words("alert.nearCameras")} data-testid="near-cameras">
      <h2 class="small quiet">{words("alert.nearCameras")}</h2>
      <ul>
        {near.map(({ camera, metres }) => (
          <li key={camera.id} class="near">
            <Go to={{ kind: "camera", id: camera.id }}>
              {camera.number} {camera.name}
            </Go>
            <span>{sayDistance(metres, locale.value)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
