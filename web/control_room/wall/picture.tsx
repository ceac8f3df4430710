/** A live picture and its overlay. A frozen one is veiled and says when its last picture was. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { query } from "../../shared/api.ts";
import { sayDetail } from "../../shared/i18n/details.ts";
import { say, sayNumber, sayProblem } from "../../shared/i18n/index.ts";
import { now, sayClock, serverNow } from "../../shared/time.ts";
import type { Id } from "../../shared/types.ts";
import { Viewer, type PictureState } from "../../shared/webrtc/viewer.ts";
import { api } from "../intents/api.ts";
import { awake } from "../state/awake.ts";
import { motive } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Statistics } from "./statistics.tsx";

/** A delay below this is not worth a word. */
const DELAY_SHOWN_MS = 1_000;

interface Watched {
  streamId: Id;
  viewer: Viewer | null;
  state: PictureState;
}

const CONNECTING: PictureState = { phase: "connecting" };

/**
 * Shows `streamId`. When another takes its place, as a tile grows, the old picture stays until the
 * new one is there, and ends then: there is no gap, and both are the same camera's.
 */
export function Picture(props: {
  streamId: Id;
  label: string;
  /** Changes when another session is worth it at once: a media process is back. */
  epoch: string;
  /** The server says that nothing is sent: what stands still is waited for, in the same session. */
  away?: boolean;
  statistics?: boolean;
  onRefused?: (streamId: Id) => void;
  /** What is drawn over it needs time to be made: pictures are shown so much later, if > 0. */
  behindMs?: number;
  onPicture?: (rtpTimestamp: number) => void;
  /** States to be seen at a glance, in the upper corner. */
  tags?: ComponentChildren;
  /** Whose picture this is, below it. */
  children?: ComponentChildren;
}): JSX.Element {
  const { streamId } = props;
  const [all, setAll] = useState<readonly Watched[]>([]);
  const wanted: Watched = all.find((one) => one.streamId === streamId) ?? {
    streamId,
    viewer: null,
    state: CONNECTING,
  };
  const before = all.find((one) => one.streamId !== streamId && one.state.phase === "live");
  const seen = wanted.state.phase === "live" || !before ? wanted : before;
  const ids = seen === wanted ? [streamId] : [seen.streamId, streamId];
  const note = (id: Id, viewer: Viewer | null, state: PictureState): void => {
    setAll((held) => [
      ...held.filter((one) => one.streamId !== id),
      ...(viewer ? [{ streamId: id, viewer, state }] : []),
    ]);
    if (id === streamId && viewer && state.phase === "waiting") props.onRefused?.(id);
  };
  return (
    <div
      class="picture"
      data-phase={seen.state.phase}
      data-stream={seen.streamId}
      data-testid="picture"
    >
      {ids.map((id) => (
        <Layer
          key={id}
          streamId={id}
          label={props.label}
          epoch={props.epoch}
          away={props.away ?? false}
          seen={id === seen.streamId}
          note={note}
          behindMs={props.behindMs ?? 0}
          onPicture={props.onPicture}
        />
      ))}
      <Veil state={seen.state} viewer={seen.viewer} />
      {props.tags && <div class="picture-tags">{props.tags}</div>}
      {props.statistics && <Statistics viewer={seen.viewer} />}
      <div class="picture-overlay">
        {props.children}
        {seen.state.phase === "live" && <PictureTime viewer={seen.viewer} />}
      </div>
    </div>
  );
}

/** One stream and its video; nothing is watched while nobody can see the page. */
function Layer(props: {
  streamId: Id;
  label: string;
  epoch: string;
  away: boolean;
  seen: boolean;
  note: (streamId: Id, viewer: Viewer | null, state: PictureState) => void;
  behindMs: number;
  onPicture: ((rtpTimestamp: number) => void) | undefined;
}): JSX.Element {
  const { streamId, away, behindMs } = props;
  const video = useRef<HTMLVideoElement>(null);
  const held = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const note = useRef(props.note);
  note.current = props.note;
  const isAwake = awake.value;
  useEffect(() => {
    if (!video.current || !held.current || !isAwake) return undefined;
    const why = motive.peek() || words("wall.motiveDefault");
    const one = new Viewer({
      fetch: api.fetch,
      path: `/streams/${streamId}/whep${query({ motive: why })}`,
      video: video.current,
      held: held.current,
      onState: (state) => note.current(streamId, one, state),
      onPicture: props.onPicture,
    });
    viewer.current = one;
    one.sourceIsAway(away);
    one.showBehind(behindMs);
    one.start();
    note.current(streamId, one, CONNECTING);
    return () => {
      one.stop();
      viewer.current = null;
      note.current(streamId, null, CONNECTING);
    };
  }, [streamId, isAwake]);
  useEffect(() => viewer.current?.sourceIsAway(away), [away]);
  useEffect(() => viewer.current?.showBehind(behindMs), [behindMs]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) viewer.current?.again();
    first.current = false;
  }, [props.epoch]);
  const seen = props.seen ? "seen" : undefined;
  return (
    <>
      <video
        ref={video}
        class={seen}
        muted
        autoplay
        playsInline
        disablePictureInPicture
        aria-label={props.label}
        aria-hidden={props.seen ? undefined : "true"}
      />
      <canvas ref={held} class={seen} aria-hidden="true" />
    </>
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
          {say("picture.delay", { seconds: sayNumber(delay / 1000, 1) })}
        </span>
      )}
    </span>
  );
}

function Veil(props: { state: PictureState; viewer: Viewer | null }): JSX.Element | null {
  void now.value;
  const { state, viewer } = props;
  if (state.phase === "live") return null;
  if (state.phase === "catching-up") {
    return (
      <div class="veil over-picture soon" role="status">
        <p>{say("picture.catchingUp")}</p>
      </div>
    );
  }
  const last = viewer?.lastPictureAt;
  const when = last ? sayClock(last + (serverNow() - Date.now())) : null;
  const refused = state.phase === "refused" || state.phase === "waiting";
  return (
    <div class={when ? "veil over-picture" : "veil"}>
      {when && (
        <strong role="status" data-testid="last-picture">
          {say("picture.last", { time: when })}
        </strong>
      )}
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
