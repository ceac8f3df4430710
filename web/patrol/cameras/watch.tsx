/** One camera, live: small pictures unless the agent wants more; a frozen one never looks live. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { query } from "../../shared/api.ts";
import { locale, say, sayProblem } from "../../shared/i18n/index.ts";
import { now, sayAge, sayClock } from "../../shared/time.ts";
import { keep } from "../../shared/store.ts";
import { Viewer, type PictureState } from "../../shared/webrtc/viewer.ts";
import { api } from "../intents/api.ts";
import { AlertSheet } from "../alerts/sheet.tsx";
import { call, dataSaver, duty } from "../state/store.ts";
import { Frame } from "../ui/frame.tsx";
import { words } from "../words/index.ts";
import { watched, type Watched } from "./watched.ts";

export function Watch({ camera }: { camera: Watched }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const held = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const [state, setState] = useState<PictureState>({ phase: "connecting" });
  const { main, sub } = camera.streams;
  const stream = dataSaver.value && sub ? sub : main;
  useEffect(() => {
    if (!video.current || !held.current) return;
    const path = `/streams/${stream}/whep${query({ motive: camera.motive })}`;
    const made = new Viewer({
      fetch: api.fetch,
      path,
      video: video.current,
      held: held.current,
      onState: setState,
    });
    viewer.current = made;
    made.start();
    return () => made.stop();
  }, [stream, camera.motive]);
  const starts = duty.value.mediaStarts;
  useEffect(() => {
    if (starts > 0) viewer.current?.again();
  }, [starts]);
  return (
    <div class="fill" data-testid="watch" data-state={state.phase}>
      <Frame
        title={words("watch.title", { name: camera.name })}
        onBack={() => (watched.value = null)}
      >
        <div class={`watch ${state.phase}`}>
          <video ref={video} class="watch-video" muted autoplay playsInline aria-label={camera.name} />
          <canvas ref={held} class="watch-held" aria-hidden="true" />
          <p class="watch-state" role="status">
            {sayState(state, viewer.current)}
          </p>
        </div>
        {state.phase === "refused" && (
          <button type="button" class="button glove" onClick={() => viewer.current?.again()}>
            {say("act.retry")}
          </button>
        )}
        {sub && <Saver />}
        <p class="quiet small">{words("watch.motive", { motive: camera.motive })}</p>
      </Frame>
      {call.value?.phase === "ringing" && <AlertSheet />}
    </div>
  );
}

export function Saver(): JSX.Element {
  return (
    <label class="check saver">
      <input
        type="checkbox"
        checked={dataSaver.value}
        data-testid="data-saver"
        onChange={({ currentTarget }) => {
          dataSaver.value = currentTarget.checked;
          keep("patrol.dataSaver", dataSaver.value);
        }}
      />
      <span>
        <strong>{words("cameras.saver")}</strong>
        <br />
        <span class="quiet small">{words("cameras.saverOn")}</span>
      </span>
    </label>
  );
}

function sayState(state: PictureState, viewer: Viewer | null): string {
  const last = viewer?.lastPictureAt ?? null;
  switch (state.phase) {
    case "live":
      return words("watch.live");
    case "frozen": {
      // The viewer's times are this phone's clock; `now` makes it tick.
      const seconds = last === null || now.value === 0 ? 0 : Math.floor((Date.now() - last) / 1000);
      return words("watch.frozen", { age: sayAge(seconds, locale.value) });
    }
    case "waiting":
    case "refused":
      return last === null
        ? sayProblem(state.problem).title
        : `${sayProblem(state.problem).title} · ${say("picture.last", { time: sayClock(last) })}`;
    case "catching-up":
      return say("picture.catchingUp");
    default:
      return say("picture.connecting");
  }
}
