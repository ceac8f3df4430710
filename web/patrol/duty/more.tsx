/** What is needed less often: break, end of shift, the veil, checks, display. */

import type { ComponentChildren, JSX } from "preact";
import { locale, setLocale } from "../../shared/i18n/index.ts";
import { keep } from "../../shared/store.ts";
import { goHome, goTo } from "../intents/navigation.ts";
import { endShift, takeBreak } from "../intents/shift.ts";
import { canKeepScreenOn } from "../device/wake_lock.ts";
import {
  duty,
  fixesWaiting,
  shift,
  themeChoice,
  veiled,
  waiting,
  type ThemeChoice,
} from "../state/store.ts";
import { Frame } from "../ui/frame.tsx";
import { HoldButton } from "../ui/hold.tsx";
import { sayWaiting } from "../ui/waiting.ts";
import { words } from "../words/index.ts";

const THEMES: readonly ThemeChoice[] = ["auto", "day", "night"];

export function More(): JSX.Element {
  const onDuty = shift.value.state !== "off";
  return (
    <Frame title={words("more.title")} testId="more-page">
      {onDuty && <OnDuty />}
      <button
        type="button"
        class="button glove row"
        data-testid="limits"
        onClick={() => goTo({ page: "limits" })}
      >
        {words("more.limits")}
      </button>
      <button
        type="button"
        class="button glove row"
        data-testid="checks"
        onClick={() => goTo({ page: "checks" })}
      >
        {words("more.checks")}
      </button>
      <Choice label={words("more.theme")}>
        {THEMES.map((choice) => (
          <button
            key={choice}
            type="button"
            class="button glove"
            aria-pressed={themeChoice.value === choice}
            onClick={() => {
              themeChoice.value = choice;
              keep("patrol.theme", choice);
            }}
          >
            {words(`more.theme.${choice}` as const)}
          </button>
        ))}
      </Choice>
      <Choice label={words("more.language")}>
        {(["fr", "en"] as const).map((one) => (
          <button
            key={one}
            type="button"
            class="button glove"
            lang={one}
            aria-pressed={locale.value === one}
            onClick={() => setLocale(one)}
          >
            {one === "fr" ? "Français" : "English"}
          </button>
        ))}
      </Choice>
      <p class="quiet small">
        {words("more.device", { device: duty.value.me?.device.name ?? "" })}
      </p>
    </Frame>
  );
}

function OnDuty(): JSX.Element {
  const left = sayWaiting(waiting.value.length, fixesWaiting.value);
  const veil = (): void => {
    goHome();
    veiled.value = true;
  };
  return (
    <>
      {shift.value.state === "on" && (
        <button
          type="button"
          class="button glove row"
          data-testid="take-break"
          onClick={() => {
            takeBreak();
            goHome();
          }}
        >
          {words("more.break")}
        </button>
      )}
      <button type="button" class="button glove row two-lines" data-testid="veil" onClick={veil}>
        <span>{words("more.veil")}</span>
        <span class="quiet small">
          {canKeepScreenOn ? words("more.veilText") : words("veil.noLock")}
        </span>
      </button>
      <HoldButton
        class="quiet-hold row"
        testId="end-shift"
        onHeld={() => {
          endShift();
          goHome();
        }}
      >
        <span>{words("more.endHold")}</span>
        <span class="quiet small">
          {words("more.endText")} {left && words("more.endWaiting", { waiting: left })}
        </span>
      </HoldButton>
    </>
  );
}

function Choice(props: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={props.label}>
      <span class="label" aria-hidden="true">
        {props.label}
      </span>
      <div class="choice-buttons">{props.children}</div>
    </div>
  );
}
