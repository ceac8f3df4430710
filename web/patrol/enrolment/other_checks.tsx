/** Position, notifications and the home screen. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { sayProblem } from "../../shared/i18n/index.ts";
import { askForCompass } from "../device/compass.ts";
import { subscribe, test } from "../intents/push.ts";
import { installed, installPrompt } from "../intents/worker.ts";
import { duty } from "../state/store.ts";
import { words } from "../words/index.ts";
import { CheckView, type CheckState } from "./check_state.tsx";

const PUSH_WITHIN_MS = 15_000;

export function PositionCheck(): JSX.Element {
  const [now, setNow] = useState<CheckState>({ state: "ready" });
  const open = (): void => {
    setNow({ state: "asking" });
    void askForCompass();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const text = words("checks.position.good", { metres: Math.round(coords.accuracy) });
        setNow({ state: "good", text });
      },
      ({ code, PERMISSION_DENIED }) => {
        const text = words(code === PERMISSION_DENIED ? "checks.denied" : "checks.failed");
        setNow({ state: "bad", text });
      },
      { enableHighAccuracy: true, timeout: 20_000 },
    );
  };
  return <CheckView name="position" now={now} onTry={open} />;
}

export function NotificationCheck(): JSX.Element {
  const [now, setNow] = useState<CheckState>({ state: "ready" });
  const open = async (): Promise<void> => {
    setNow({ state: "asking" });
    try {
      setNow(await tryPush());
    } catch (error) {
      setNow({ state: "bad", text: sayProblem(error).title });
    }
  };
  return <CheckView name="notifications" now={now} onTry={() => void open()} />;
}

async function tryPush(): Promise<CheckState> {
  if ("Notification" in window && Notification.permission === "default") {
    await Notification.requestPermission();
  }
  const state = await subscribe();
  if (state !== "on") {
    const reason = duty.value.me?.channels.web_push.reason ?? "";
    return { state: "bad", text: words(`checks.push.${state}`, { reason: sentence(reason) }) };
  }
  const came = await test(PUSH_WITHIN_MS);
  return came
    ? { state: "good", text: words("checks.notifications.good") }
    : { state: "bad", text: words("checks.notifications.sent") };
}

function sentence(reason: string): string {
  return reason && !/[.!?]$/.test(reason) ? `${reason}.` : reason;
}

export function InstallCheck(): JSX.Element {
  const prompt = installPrompt.value;
  if (installed.value) {
    const now: CheckState = { state: "good", text: words("checks.install.done") };
    return <CheckView name="install" now={now} onTry={() => {}} />;
  }
  if (!prompt) return <p class="quiet">{words("checks.install.how")}</p>;
  const ask = async (): Promise<void> => {
    await prompt.prompt();
    const { outcome } = await prompt.userChoice;
    installPrompt.value = null; // a browser lets it be asked once
    if (outcome === "accepted") installed.value = true;
  };
  return (
    <CheckView
      name="install"
      now={{ state: "ready" }}
      act={words("checks.install.do")}
      onTry={() => void ask()}
    />
  );
}
