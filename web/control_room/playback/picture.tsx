/** One recorded picture: its video, what it is of, and why there is none where there is none. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { X } from "lucide";
import { sayDetail } from "../../shared/i18n/details.ts";
import { sayProblem } from "../../shared/i18n/index.ts";
import type { Problem } from "../../shared/problem.ts";
import { sayTime } from "../../shared/moments.ts";
import type { Shown } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { notify } from "../notices/notices.ts";
import { room, selection } from "../state/store.ts";
import { words } from "../words/index.ts";
import type { Deck } from "./deck.ts";
import type { Watched } from "./watched.ts";
import { text } from "./words/index.ts";

export function RecordedPicture(props: {
  deck: Deck;
  watched: Watched;
  index: number;
}): JSX.Element {
  const { deck, watched, index } = props;
  const several = deck.watched.value.length > 1;
  const isChosen = deck.chosen.value === index;
  const name = nameOf(watched.shown);
  const standing = watched.standing.value;
  useDamaged(watched);
  return (
    <div
      class={`recorded${isChosen && several ? " selected" : ""}`}
      data-testid="recorded"
      data-source={watched.shown.id}
      data-standing={standing}
      role="group"
      aria-label={name}
      aria-current={isChosen ? "true" : undefined}
      onClick={() => (deck.chosen.value = index)}
    >
      <RecordedVideo deck={deck} watched={watched} label={name} />
      <Veil deck={deck} watched={watched} />
      <div class="picture-overlay">
        <button
          type="button"
          class="tile-name"
          title={name}
          onClick={() => (selection.value = watched.shown)}
        >
          {name}
        </button>
        <span class="picture-time">{text("picture.recorded")}</span>
      </div>
      {several && (
        <button
          type="button"
          class="button plain icon tile-remove recorded-remove"
          aria-label={text("picture.remove", { name })}
          onClick={(event) => {
            event.stopPropagation();
            deck.remove(watched.key);
          }}
        >
          <Icon node={X} />
        </button>
      )}
    </div>
  );
}

/** Said once for each: while it plays, the picture goes on behind it at once. */
function useDamaged(watched: Watched): void {
  const last = watched.damaged.value.at(-1);
  useEffect(() => {
    if (!last) return;
    const hours = { from: sayTime(last.from), to: sayTime(last.to) };
    notify({ tone: "fault", text: text("damaged.notice", { name: nameOf(watched.shown), ...hours }) });
  }, [last]);
}

function RecordedVideo(props: { deck: Deck; watched: Watched; label: string }): JSX.Element {
  const { deck, watched, label } = props;
  const video = useRef<HTMLVideoElement>(null);
  const leave = watched.leave.value;
  const reads = watched.reads.value;
  useEffect(() => {
    if (!video.current || !leave) return undefined;
    return watched.play(video.current, deck.timeNow);
  }, [leave?.id, reads]);
  return (
    <video
      ref={video}
      muted
      playsInline
      disablePictureInPicture
      aria-label={label}
      data-testid="recorded-video"
    />
  );
}

function Veil({ deck, watched }: { deck: Deck; watched: Watched }): JSX.Element | null {
  const standing = watched.standing.value;
  const problem = watched.problem.value;
  if (problem) return <Failed watched={watched} problem={problem} />;
  if (standing === "gap") return <NotRecorded deck={deck} watched={watched} />;
  if (standing !== "loading") return null;
  return (
    <div class="veil over-picture soon" role="status">
      <p>{text("picture.loading")}</p>
    </div>
  );
}

/** Nothing was recorded at this time: when there is something again, one press away. */
function NotRecorded({ deck, watched }: { deck: Deck; watched: Watched }): JSX.Element {
  const at = deck.at.value;
  const next = watched.nearest(at, 1);
  const before = watched.nearest(at, -1);
  const isDamaged = watched.damaged.value.some(({ from, to }) => at >= from && at < to);
  const isNever = watched.recorded.value?.spans.length === 0 && next === null && before === null;
  return (
    <div class="veil" data-testid="not-recorded">
      <strong role="status">{text(isDamaged ? "damaged.title" : "gap.title")}</strong>
      <p class="small">
        {text(isDamaged ? "damaged.what" : isNever ? "gap.nothing" : "gap.why")}
      </p>
      <div class="acts">
        {before !== null && (
          <button type="button" class="button" onClick={() => deck.jump(before)}>
            {text("gap.before", { time: sayTime(before) })}
          </button>
        )}
        {next !== null && (
          <button type="button" class="button" onClick={() => deck.jump(next)}>
            {text("gap.next", { time: sayTime(next) })}
          </button>
        )}
      </div>
    </div>
  );
}

function Failed(props: { watched: Watched; problem: Problem }): JSX.Element {
  const { watched, problem } = props;
  const [title, what] = why(problem);
  return (
    <div class="veil" data-testid="recording-failed">
      <strong role="alert">{title}</strong>
      <p class="small">{what}</p>
      <button
        type="button"
        class="button"
        onClick={() => watched.again()}
      >
        {text("picture.again")}
      </button>
    </div>
  );
}

function why(problem: Problem): [string, string] {
  const { code, status } = problem;
  if (code === "recording-away" || code === "unavailable") {
    return [text("away.title"), text("away.what")];
  }
  if (code === "unplayable") return [text("unplayable.title"), text("unplayable.what")];
  if (status === 403 || status === 404) return [text("lost.title"), text("lost.what")];
  return [sayProblem(problem).title, sayDetail(problem.detail)];
}

export function nameOf({ kind, id }: Shown): string {
  const { cameras, streams } = room.value;
  if (kind === "camera") {
    const camera = cameras.get(id);
    return camera
      ? words("camera.named", { number: camera.number, name: camera.name })
      : text("picture.gone");
  }
  const stream = streams.get(id);
  return stream ? words("stream.of", { unit: stream.call_sign }) : text("picture.gone");
}
