/** Keeps the screen on while somebody needs it: filming, an open call, the veil. */

const wanted = new Set<string>();
let held: WakeLockSentinel | null = null;

/** Whether this browser can do it at all. */
export const canKeepScreenOn = typeof navigator !== "undefined" && "wakeLock" in navigator;

export function keepScreenOn(why: string, on: boolean): void {
  if (on) wanted.add(why);
  else wanted.delete(why);
  void settle();
}

/** The system lets go whenever the page is hidden: take it again when it is back. */
export function followVisibility(): void {
  document.addEventListener("visibilitychange", () => void settle());
}

async function settle(): Promise<void> {
  if (!canKeepScreenOn || document.visibilityState !== "visible") return;
  if (wanted.size === 0) {
    await held?.release().catch(() => {});
    held = null;
    return;
  }
  if (held && !held.released) return;
  // Refused when the battery is low: the page goes on, the screen may sleep.
  held = await navigator.wakeLock.request("screen").catch(() => null);
}
