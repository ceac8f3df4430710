/** Two lines that never move: on duty as whom, what waits; how well the place is known, the net. */

import { CloudUpload, LocateFixed, LocateOff, VolumeX, Wifi, WifiOff } from "lucide";
import type { JSX } from "preact";
import { age } from "../../shared/i18n/index.ts";
import { ageSeconds, now } from "../../shared/time.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import {
  callSign,
  cutSince,
  gpsProblem,
  link,
  position,
  shift,
  soundAllowed,
  waiting,
} from "../state/store.ts";
import { words } from "../words/index.ts";

/** Older than this, a fix is no longer where the agent is. */
const TRUSTED_S = 25;

export function Strip(): JSX.Element {
  const count = waiting.value.length;
  return (
    <header class="strip" aria-label={words("strip.label")}>
      <strong class="strip-unit" data-testid="on-duty">
        {callSign.value}
        {shift.value.state === "break" && ` · ${words("strip.break")}`}
      </strong>
      <span
        class={count > 0 ? "chip warn" : "chip"}
        data-testid="waiting-count"
        data-count={count}
        title={count === 0 ? words("waiting.none") : words("waiting.many", { count })}
      >
        <Icon node={CloudUpload} size={18} />
        {words("waiting.short", { count })}
      </span>
      <Gps />
      <Network />
      {!soundAllowed.value && (
        <span class="strip-sound" data-testid="sound-off">
          <Icon node={VolumeX} size={18} />
          {words("sound.off")}
        </span>
      )}
    </header>
  );
}

function Gps(): JSX.Element {
  const { text, isBad } = sayGps();
  return (
    <span class={isBad ? "chip warn" : "chip"} data-testid="gps">
      <Icon node={isBad ? LocateOff : LocateFixed} size={18} />
      {text}
    </span>
  );
}

function sayGps(): { text: string; isBad: boolean } {
  if (shift.value.state !== "on") return { text: words("gps.off"), isBad: false };
  if (gpsProblem.value === "denied") return { text: words("gps.denied"), isBad: true };
  const here = position.value;
  if (!here) return { text: words("gps.none"), isBad: true };
  if (ageSeconds(here.fixed_at, now.value) > TRUSTED_S) {
    return { text: words("gps.lost", { age: age(here.fixed_at) }), isBad: true };
  }
  const metres = Math.round(here.accuracy_m ?? 0);
  return { text: words("gps.accuracy", { metres }), isBad: metres > 50 };
}

function Network(): JSX.Element {
  // The phone may know that it is cut off before the socket does.
  const since = cutSince.value ?? (link.value.phase === "lost" ? link.value.since : null);
  const state = since === null ? link.value.phase : "lost";
  const isOpen = state === "open";
  const text =
    since === null
      ? words(isOpen ? "net.open" : "net.connecting")
      : words("net.lost", { age: sayLost(since) });
  return (
    <span class={isOpen ? "chip" : "chip warn"} data-testid="network" data-state={state}>
      <Icon node={isOpen ? Wifi : WifiOff} size={18} />
      {text}
    </span>
  );
}

/** By this phone's clock, which `age` is not for. */
function sayLost(since: number): string {
  const seconds = now.value === 0 ? 0 : Math.max(0, Math.floor((Date.now() - since) / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
