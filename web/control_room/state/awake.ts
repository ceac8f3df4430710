/** Whether anybody can see this page. Pictures that nobody sees are not asked for. */

import { signal } from "@preact/signals";

/** A short look at another window does not end what is watched. */
const ASLEEP_AFTER_MS = 10_000;

export const awake = signal(document.visibilityState !== "hidden");

export function followVisibility(): () => void {
  let timer = 0;
  const look = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") {
      timer = window.setTimeout(() => (awake.value = false), ASLEEP_AFTER_MS);
    } else {
      awake.value = true;
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
