/** Filming: a red frame, time running, what the post receives, and a stop that is deliberate. */

import { Flashlight, FlashlightOff, Square, SwitchCamera } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { say, sayProblem } from "../../shared/i18n/index.ts";
import { now } from "../../shared/time.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { AlarmButton } from "../alerts/alarm_button.tsx";
import { AlertSheet } from "../alerts/sheet.tsx";
import { film, filmAgain, stopFilming, switchCamera, switchTorch } from "../intents/film.ts";
import { goHome } from "../intents/navigation.ts";
import { receivedOf, sayRunning } from "../state/reception.ts";
import { duty } from "../state/store.ts";
import { HoldButton } from "../ui/hold.tsx";
import { words } from "../words/index.ts";
import { ReceivedStrip } from "./received.tsx";

export function Filming(): JSX.Element | null {
  const video = useRef<HTMLVideoElement>(null);
  const current = film.value;
  const media = current?.media;
  useEffect(() => {
    if (video.current && media) video.current.srcObject = media;
  }, [media]);
  if (!current) return null;
  const received = receivedOf(current.state, current.reception, duty.value.stream);
  const { state } = current;
  const problem = state.phase === "refused" ? state.problem : null;
  // Being without network is said by the strip; whatever else it is, is said here.
  const passing = state.phase === "interrupted" && state.problem?.status ? state.problem : null;
  return (
    <main class="filming" data-testid="filming" data-received={received}>
      <h1 class="unseen">{words("film.live")}</h1>
      <video
        ref={video}
        class="filming-video"
        data-facing={current.facing}
        muted
        autoplay
        playsInline
        aria-label={words("film.preview")}
      />
      <header class="filming-head">
        <p class="filming-time">
          <span class="filming-dot" aria-hidden="true" />
          <time data-testid="film-time">{sayRunning(now.value - current.since)}</time>
          <span>{say(`threat.${current.reason}`)}</span>
        </p>
        <ReceivedStrip received={received} streamId={current.publisher.streamId} />
        {!current.hasSound && <p class="filming-note">{words("film.noSound")}</p>}
        {current.cameraLost && <p class="filming-note">{words("film.cameraLost")}</p>}
        {passing && (
          <p class="filming-note" role="status" data-testid="film-interrupted">
            {sayProblem(passing).title}
          </p>
        )}
        {problem && (
          <div class="filming-note" role="alert">
            <strong>{sayProblem(problem).title}</strong>
            <button type="button" class="button glove" onClick={() => void filmAgain()}>
              {words("film.again")}
            </button>
          </div>
        )}
      </header>
      <AlertSheet />
      <footer class="filming-bar">
        <div class="filming-tools">
          {current.torch !== null && (
            <button
              type="button"
              class="button glove"
              aria-pressed={current.torch}
              data-testid="torch"
              onClick={() => void switchTorch()}
            >
              <Icon node={current.torch ? FlashlightOff : Flashlight} size={26} />
              {words("film.torch")}
            </button>
          )}
          <button
            type="button"
            class="button glove"
            data-testid="switch-camera"
            onClick={() => void switchCamera()}
          >
            <Icon node={SwitchCamera} size={26} />
            {words("film.switch")}
          </button>
        </div>
        <div class="filming-last">
          <HoldButton
            class="stop"
            label={words("film.stop")}
            testId="stop-film"
            onHeld={() => {
              stopFilming();
              goHome();
            }}
          >
            <Icon node={Square} size={26} />
            <span>{words("film.stop")}</span>
          </HoldButton>
          <AlarmButton />
        </div>
      </footer>
    </main>
  );
}
