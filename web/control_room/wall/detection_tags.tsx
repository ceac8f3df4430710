/** How detection does on a camera that is not as it should be: said wherever the camera is shown. */

import type { JSX } from "preact";
import { say, sayNumber } from "../../shared/i18n/index.ts";
import type { Camera, Id } from "../../shared/types.ts";
import { behind, offPreset } from "../state/store.ts";
import { words } from "../words/index.ts";

/** There is more to analyse than can be: this camera is looked at less often than asked. */
export function BehindTag({ id }: { id: Id }): JSX.Element | null {
  const told = behind.value.get(id);
  return told ? (
    <span class="tag warn" data-testid="behind">
      {words("camera.behind", {
        looks: sayNumber(told.looks_per_s, 1),
        wanted: sayNumber(told.wanted_per_s, 1),
      })}
    </span>
  ) : null;
}

/** On a tile: that too, and what of its rules rests. */
export function DetectionTags({ camera }: { camera: Camera }): JSX.Element {
  return (
    <>
      <BehindTag id={camera.id} />
      {offPreset.value.has(camera.id) && (
        <span class="tag" data-testid="tile-off-preset">
          {words("camera.offPreset")}
        </span>
      )}
      {camera.detection.suspended.map(({ id, kind }) => (
        <span key={id} class="tag" data-testid="tile-suspended">
          {words("camera.suspended", { kind: say(`kind.${kind}`) })}
        </span>
      ))}
    </>
  );
}
