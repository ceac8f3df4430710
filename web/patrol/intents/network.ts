/** The phone's own word on its network: gone at once, and back at once with what waits. */

import { cutSince } from "../state/store.ts";
import { sendNow } from "./outbox.ts";

export function followNetwork(): void {
  if (!navigator.onLine) cutSince.value = Date.now();
  addEventListener("offline", () => {
    cutSince.value = Date.now();
  });
  addEventListener("online", () => {
    cutSince.value = null;
    sendNow();
  });
}
