/** The address and the page follow each other, so that a phone's 'back' does what it says. */

import { addressOf, pageOf, type Page } from "../state/address.ts";
import { page } from "../state/store.ts";

export function followAddress(): void {
  addEventListener("hashchange", () => {
    page.value = pageOf(location.hash);
  });
}

export function goTo(next: Page): void {
  location.hash = addressOf(next);
}

/** Back to the map; what was opened over it leaves no trail to step through again. */
export function goHome(): void {
  history.replaceState(null, "", addressOf({ page: "home" }));
  page.value = { page: "home" };
}
