/** A black veil that keeps the screen 'on' in a pocket: only a second of holding lifts it. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { keepScreenOn } from "../device/wake_lock.ts";
import { call, unread, veiled } from "../state/store.ts";
import { HoldButton } from "../ui/hold.tsx";
import { words } from "../words/index.ts";

export function Veil(): JSX.Element {
  useEffect(() => {
    keepScreenOn("veil", true);
    void document.documentElement.requestFullscreen?.().catch(() => {});
    return () => {
      keepScreenOn("veil", false);
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => {});
    };
  }, []);
  const rings = call.value?.phase === "ringing";
  const hasMessage = unread.value.length > 0;
  const text = rings ? "veil.call" : hasMessage ? "veil.guidance" : "veil.hold";
  return (
    <div
      class={rings || hasMessage ? "veil calls" : "veil"}
      role="dialog"
      aria-modal="true"
      aria-label={words("veil.label")}
      data-testid="veil-cover"
    >
      <p class="veil-on">{words("veil.on")}</p>
      <HoldButton
        class="veil-hold"
        label={words(text)}
        testId="lift-veil"
        onHeld={() => (veiled.value = false)}
      >
        <span>{words(text)}</span>
      </HoldButton>
    </div>
  );
}
