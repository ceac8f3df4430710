/** Opens a region in a window of its own, for another screen. */

import type { JSX } from "preact";
import { words } from "../words/index.ts";

const REGIONS = ["queue", "stage/wall", "stage/map", "stage/board", "context"] as const;

/** A window of this name is one window: opening it again brings it to the front. */
export function openStage(region: (typeof REGIONS)[number]): void {
  window.open(`/#/only/${region}`, `ilotier-${region}`, "popup");
}

export function Regions(): JSX.Element {
  return (
    <fieldset class="regions">
      <legend class="small quiet">{words("regions.title")}</legend>
      {REGIONS.map((region) => (
        <button
          key={region}
          type="button"
          class="button line"
          onClick={() => openStage(region)}
        >
          {words(`region.${region}`)}
        </button>
      ))}
    </fieldset>
  );
}
