/** Whether the list of keys is open; the list itself is loaded when it first is. */

import { signal } from "@preact/signals";

export const helpShown = signal(false);
