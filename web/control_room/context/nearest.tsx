/** The cameras nearest to a place, each with how far it is. */

import type { JSX } from "preact";
import { distanceM, sayDistance } from "../../shared/geo.ts";
import { locale } from "../../shared/i18n/index.ts";
import type { Camera, Point } from "../../shared/types.ts";
import { Go } from "./parts.tsx";

const MOST = 3;

export function Nearest({ cameras, to }: { cameras: readonly Camera[]; to: Point }): JSX.Element {
  const near = cameras
    .map((camera) => ({ camera, metres: distanceM(camera.point, to) }))
    .toSorted((a, b) => a.metres - b.metres)
    .slice(0, MOST);
  return (
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
  );
}
