/** A picture that comes in and shows nothing new, or nothing: said wherever its camera is shown. */

import type { JSX } from "preact";
import type { Id } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { impaired } from "../state/store.ts";
import { words } from "../words/index.ts";

export function ImpairedTag({ id }: { id: Id }): JSX.Element | null {
  const told = impaired.value.get(id);
  return told ? (
    <span class="tag warn" data-testid="impaired">
      {words(`camera.${told.what}`)} <Age since={told.since} bare />
    </span>
  ) : null;
}
