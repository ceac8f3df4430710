/** Camera, microphone, position, notifications: one at a time, with its reason and its test. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { keep } from "../../shared/store.ts";
import { goHome } from "../intents/navigation.ts";
import { setUp } from "../state/store.ts";
import { Frame } from "../ui/frame.tsx";
import { words } from "../words/index.ts";
import { CameraCheck, MicrophoneCheck } from "./media_checks.tsx";
import { InstallCheck, NotificationCheck, PositionCheck } from "./other_checks.tsx";

const STEPS = [
  ["camera", CameraCheck],
  ["microphone", MicrophoneCheck],
  ["position", PositionCheck],
  ["notifications", NotificationCheck],
  ["install", InstallCheck],
] as const;

export function Checks(): JSX.Element {
  const at = useSignal(0);
  const [name, Check] = STEPS[at.value] ?? STEPS[0];
  const isLast = at.value === STEPS.length - 1;
  const leave = (): void => {
    setUp.value = true;
    keep("patrol.setUp", true);
    goHome();
  };
  return (
    <Frame title={words("checks.title")} testId="checks-page" onBack={leave}>
      <p class="quiet" data-testid="checks-step">
        {words("checks.step", { n: at.value + 1, total: STEPS.length })}
      </p>
      <section class="check-card" key={name} aria-labelledby="check-name">
        <h2 id="check-name">{words(`checks.${name}`)}</h2>
        <p>{words(`checks.${name}.why`)}</p>
        <Check />
      </section>
      <button
        type="button"
        class="button glove"
        data-testid="check-next"
        onClick={() => (isLast ? leave() : (at.value += 1))}
      >
        {words(isLast ? "checks.finish" : "act.next")}
      </button>
    </Frame>
  );
}
