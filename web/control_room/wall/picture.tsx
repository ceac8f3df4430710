/** A live picture and its overlay. A frozen one is veiled and says when its last picture was. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { query } from "../../shared/api.ts";
import { sayDetail } from "../../shared/i18n/details.ts";
import { say, sayProblem } from "../../shared/i18n/index.ts";
import { now, sayClock, serverNow } from "../../shared/time.ts";
import type { Id } from "../../shared/types.ts";
import { Viewer, type PictureState } from "../../shared/webrtc/viewer.ts";
import { api } from "../intents/api.ts";
import { motive } from "../state/store.ts";
import { words } from "../words/index.ts";

/** A delay below this is not worth a word. */
const DELAY_SHOWN_MS = 1_000;

export function Picture(props: {
  streamId: Id;
  label: string;
  /** Changes when another try is worth it at once: a media process or a camera is back. */
  epoch: string;
  children?: ComponentChildren;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const [state, setState] = useState<PictureState>({ phase: "connecting" });
  useEffect(() => {
    if (!video.current) return undefined;
    const why = motive.peek() || words("wall.motiveDefault");
    const one = new Viewer({
      fetch: api.fetch,
      path: `/streams/${props.streamId}/whep${query({ motive: why })}`,
      video: video.current,
      onState: setState,
    });
    viewer.current = one;
    one.start();
    return () => one.stop();
  }, [props.streamId]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) viewer.current?.again();
    first.current = false;
  }, [props.epoch]);
  return (
    <div class="picture" data-phase={state.phase} data-testid="picture">
      <video ref={video} muted autoplay playsInline disablePictureInPicture aria-label={props.label} />
      <Veil state={state} viewer={viewer.current} />
      <div class="picture-overlay">
        {props.children}
        {state.phase === "live" && <PictureTime viewer={viewer.current} />}
      </div>
    </div>
  );
}

function PictureTime({ viewer }: { viewer: Viewer | null }): JSX.Element | null {
  void now.value; // each second
  const at = viewer?.lastPictureAt;
  if (!at) return null;
  const delay = viewer.delay_ms ?? 0;
  // The browser's clock may be wrong; the server's is what the other screens show.
  const shown = at + (serverNow() - Date.now()) - delay;
  return (
    <span class="picture-time" data-testid="picture-time">
      {sayClock(shown)}
      {delay > DELAY_SHOWN_MS && (
        <span class="is-warn">
          {" "}
          {say("picture.delay", { seconds: (delay / 1000).toFixed(1) })}
        </span>
      )}
    </span>
  );
}

function Veil(props: { state: PictureState; viewer: Viewer | null }): JSX.Element | null {
  void now.value;
  const { state, viewer } = props;
  if (state.phase === "live") return null;
  const last = viewer?.lastPictureAt;
  const when = last ? sayClock(last + (serverNow() - Date.now())) : null;
  const refused = state.phase === "refused" || state.phase === "waiting";
  return (
    <div class={when ? "veil over-picture" : "veil"} role="status">
      {when && <strong data-testid="last-picture">{say("picture.last", { time: when })}</strong>}
      {state.phase === "connecting" && <p>{say("picture.connecting")}</p>}
      {state.phase === "frozen" && <p>{say("picture.reconnecting")}</p>}
      {refused && (
        <>
          <p>{sayProblem(state.problem).title}</p>
          {state.problem.detail && <p class="small">{sayDetail(state.problem.detail)}</p>}
        </>
      )}
      {state.phase === "waiting" && (
        <p class="small">
          {say("picture.again", {
            seconds: Math.max(0, Math.ceil((state.retryAt - Date.now()) / 1000)),
          })}
        </p>
      )}
      {refused && (
        <button type="button" class="button" onClick={() => viewer?.again()}>
          {say("act.retry")}
        </button>
      )}
    </div>
  );
}
