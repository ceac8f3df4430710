/** Cameras near a place that no camera was asked about: to be looked at, never turned. */

import type { JSX } from "preact";
import type { Point } from "../../shared/types.ts";
import { cameras, may } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Nearest } from "./nearest.tsx";

export function NearCameras({ point }: { point: Point }): JSX.Element | null {
  const watchable = cameras.value.filter(
    (one) => !one.disabled_at && one.lawful.ok && may("view-cameras", one.commune_id),
  );
  if (watchable.length === 0) return null;
  return (
    <section aria-label={words("alert.nearCameras")} data-testid="near-cameras">
      <h2 class="small quiet">{words("alert.nearCameras")}</h2>
      <Nearest cameras={watchable} to={point} />
    </section>
  );
}
