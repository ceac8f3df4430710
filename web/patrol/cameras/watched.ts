/** The camera that is watched live over the page, if any. */

import { signal } from "@preact/signals";
import type { Id } from "../../shared/types.ts";

export interface Watched {
  name: string;
  streams: { main: Id; sub: Id | null };
  /** What the register says of this viewing. */
  motive: string;
}

export const watched = signal<Watched | null>(null);
