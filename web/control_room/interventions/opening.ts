/** Whether the form for a new intervention is open: a key asks for it before the board is loaded. */

import { signal } from "@preact/signals";

export const opening = signal(false);
