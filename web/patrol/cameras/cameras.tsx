/** The three nearest cameras with a picture of now; one press brings one up live. */

import { useSignal } from "@preact/signals";
import { RefreshCw, VideoOff } from "lucide";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { sayDistance } from "../../shared/geo.ts";
import { locale, say } from "../../shared/i18n/index.ts";
import type { NearCamera } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import { nearCameras } from "../intents/cameras.ts";
import { call } from "../state/store.ts";
import { Frame } from "../ui/frame.tsx";
import { StillPicture } from "../ui/still.tsx";
import { words } from "../words/index.ts";
import { Saver } from "./watch.tsx";
import { watched } from "./watched.ts";

const NEAREST = 3;

type Found = { state: "loading" } | { state: "here"; cameras: NearCamera[] } | { state: "fault"; error: unknown };

export function Cameras(): JSX.Element {
  const found = useSignal<Found>({ state: "loading" });
  const turn = useSignal(0);
  const load = (): void => {
    turn.value += 1;
    nearCameras(NEAREST).then(
      (cameras) => (found.value = { state: "here", cameras }),
      (error: unknown) => (found.value = { state: "fault", error }),
    );
  };
  useEffect(load, []);
  const now = found.value;
  return (
    <Frame title={words("cameras.title")} testId="cameras-page">
      {now.state === "loading" && (
        <div aria-busy="true" class="near-list">
          <span class="unseen">{words("cameras.loading")}</span>
          {[1, 2, 3].map((n) => (
            <span key={n} class="near skeleton" aria-hidden="true" />
          ))}
        </div>
      )}
      {now.state === "fault" && <Fault error={now.error} retry={load} />}
      {now.state === "here" && now.cameras.length === 0 && (
        <p class="empty">{words("cameras.empty")}</p>
      )}
      {now.state === "here" && (
        <ul class="near-list">
          {now.cameras.map((camera) => (
            <Near key={camera.id} camera={camera} turn={turn.value} />
          ))}
        </ul>
      )}
      <button type="button" class="button glove" data-testid="refresh" onClick={load}>
        <Icon node={RefreshCw} size={22} />
        {words("cameras.refresh")}
      </button>
      <Saver />
    </Frame>
  );
}

function Near({ camera, turn }: { camera: NearCamera; turn: number }): JSX.Element {
  const watch = (): void => {
    watched.value = { name: camera.name, streams: camera.streams, motive: motive() };
  };
  return (
    <li>
      <button
        type="button"
        class="near"
        disabled={!camera.up}
        data-testid="camera-near"
        data-camera={camera.number}
        title={words("cameras.watch", { name: camera.name })}
        onClick={watch}
      >
        {camera.up ? (
          <StillPicture of="cameras" id={camera.id} alt="" turn={turn} />
        ) : (
          <span class="still still-none">
            <Icon node={VideoOff} size={28} />
            <span>{words("cameras.down")}</span>
          </span>
        )}
        <span class="near-words">
          <strong>{camera.name}</strong>
          {camera.distance_m !== null && (
            <span>{sayDistance(camera.distance_m, locale.value)}</span>
          )}
        </span>
      </button>
    </li>
  );
}

/** What the register is told: the running call, or that the patrol is near. */
function motive(): string {
  const now = call.value;
  const about = now?.phase === "mine" ? (now.intervention ?? now.alert) : null;
  return about
    ? words("cameras.motive.call", { kind: say(`kind.${about.kind}`) })
    : words("cameras.motive.near");
}
