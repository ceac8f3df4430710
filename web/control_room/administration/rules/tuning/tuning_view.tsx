/** What detection sees on a camera now, over its live picture, for the person who tunes it. */

import type { JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { locale, say } from "../../../../shared/i18n/index.ts";
import { Problem } from "../../../../shared/problem.ts";
import { ageSeconds, now } from "../../../../shared/time.ts";
import type { Camera } from "../../../../shared/types.ts";
import { Age } from "../../../../shared/ui/age.tsx";
import { Fault } from "../../../../shared/ui/fault.tsx";
import { may, room } from "../../../state/store.ts";
import { Field, takesKeys } from "../../../ui.tsx";
import { Picture } from "../../../wall/picture.tsx";
import { words as watching } from "../../../watching/words.ts";
import { words as ofRoom } from "../../../words/index.ts";
import { followLooks, type Look, type WatchedRule } from "./looks.ts";
import { Overlay } from "./overlay.tsx";
import { Pairing } from "./pairing.ts";
import { words } from "./words.ts";

const STALE_AFTER_S = 3;
/** A look comes so much later than its picture, on a machine that has enough to do. */
const LOOK_TAKES_MS = 400;

export function TuningView({ camera }: { camera: Camera }): JSX.Element {
  const [motive, setMotive] = useState<string>(words("usual"));
  const [since, setSince] = useState<number | null>(null);
  const hasLooked = useRef(false);
  return (
    <div class="form" data-testid="tuning">
      <p class="small quiet">{words("why")}</p>
      {since !== null ? (
        <Following
          key={since}
          camera={camera}
          motive={motive.trim()}
          onStop={() => setSince(null)}
          onAgain={() => setSince(since + 1)}
        />
      ) : (
        <form
          class="form-row tuning-ask"
          onSubmit={(event) => {
            event.preventDefault();
            hasLooked.current = true;
            setSince(0);
          }}
        >
          <Field
            label={words("motive")}
            value={motive}
            onInput={setMotive}
            minLength={3}
            maxLength={200}
            required
          />
          {/* Where "stop" was pressed: the keyboard stays there. */}
          <button
            type="submit"
            class="button primary"
            data-testid="tuning-start"
            ref={hasLooked.current ? takesKeys : undefined}
          >
            {words("start")}
          </button>
        </form>
      )}
    </div>
  );
}

function Following(props: {
  camera: Camera;
  motive: string;
  onStop: () => void;
  onAgain: () => void;
}): JSX.Element {
  const { camera, motive } = props;
  const [look, setLook] = useState<Look | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const pairing = useRef(new Pairing());
  const [isPaired, setPaired] = useState(false);
  const onLook = (come: Look): void => {
    const unasked = pairing.current.came(come, performance.now());
    if (unasked) setLook(unasked);
  };
  const onPicture = useCallback((rtpTimestamp: number): void => {
    const its = pairing.current.of(rtpTimestamp, performance.now());
    if (!its) return;
    setPaired(true);
    setLook(its);
  }, []);
  useEffect(() => {
    const leaving = new AbortController();
    followLooks(camera.id, motive, onLook, leaving.signal).catch((error: unknown) => {
      if (leaving.signal.aborted) return;
      setLook(null);
      setProblem(Problem.of(error));
    });
    return () => leaving.abort();
  }, [camera.id, motive]);
  const seesPicture = may("view-cameras", camera.commune_id) && camera.lawful.ok;
  // It is read live: what suspends a kind may well happen while somebody tunes it.
  const { suspended } = (room.value.cameras.get(camera.id) ?? camera).detection;
  const isStale = look !== null && ageSeconds(look.at, now.value) > STALE_AFTER_S;
  return (
    <div class="zones">
      <div class="form zone-side">
        <div class="tuning-picture" ref={keepForm}>
          {seesPicture ? (
            <Picture
              streamId={camera.streams.sub ?? camera.streams.main}
              label={camera.name}
              epoch={String(room.value.mediaStarts)}
              behindMs={isPaired ? LOOK_TAKES_MS : 0}
              onPicture={onPicture}
            />
          ) : (
            <p class="small quiet zone-blank">{words("noPicture")}</p>
          )}
          {look && !isStale && <Overlay look={look} />}
        </div>
        <p class="small quiet">{words("legend")}</p>
      </div>
      <div class="form tuning-side">
        {problem && <Fault error={inWords(problem)} retry={props.onAgain} />}
        {suspended.map(({ id, kind }) => (
          <p key={id} class="small is-warn">
            {ofRoom("camera.suspended", { kind: say(`kind.${kind}`) })}
          </p>
        ))}
        {!look && !problem && <p class="quiet">{words("waiting")}</p>}
        {look && <Figures look={look} isStale={isStale} />}
        {look && <Rules rules={look.rules} />}
        <div class="acts">
          {/* Where "look" was pressed: the keyboard stays there. */}
          <button type="button" class="button" onClick={props.onStop} ref={takesKeys}>
            {words("stop")}
          </button>
        </div>
      </div>
    </div>
  );
}

/** What only this view is told; the page's first load does without its words. */
function inWords(problem: Problem): Problem {
  const { code } = problem;
  const isOurs = code === "not-authorised" || code === "not-watched";
  return isOurs ? new Problem({ ...problem.body, title: words(code), detail: "" }) : problem;
}

function Figures({ look, isStale }: { look: Look; isStale: boolean }): JSX.Element {
  if (isStale) {
    return (
      <p class="is-warn" role="status">
        {words("stale")} <Age since={look.at} />
      </p>
    );
  }
  return (
    <dl class="tuning-figures" data-testid="tuning-figures">
      <dt>{words("looks")}</dt>
      <dd>
        {look.per_s === null
          ? words("measuring")
          : words("perS", { count: look.per_s.toLocaleString(locale.value), of: look.per_s })}
      </dd>
      <dt>{words("gate")}</dt>
      <dd>{words(`gate.${look.gate ?? "unasked"}`)}</dd>
      <dt>{words("seen")}</dt>
      <dd>{sayThings(look)}</dd>
    </dl>
  );
}

/** "2 × personne, 1 × voiture; 1 perdu de vue": for who can't see the boxes, too. */
function sayThings({ tracks, unseen, left_things, flames, findings }: Look): string {
  const counts = new Map<string, number>();
  for (const one of tracks) counts.set(one.class, (counts.get(one.class) ?? 0) + 1);
  const said = [...counts].map(([kind, count]) => `${count} × ${words(`class.${kind as "person"}`)}`);
  if (unseen.length > 0) said.push(words("unseen", { count: unseen.length }));
  if (left_things.length > 0) said.push(words("left", { count: left_things.length }));
  if (flames.length > 0) said.push(`${flames.length} × ${words("flame")}`);
  said.push(...findings.map(({ label }) => label));
  return said.join(", ") || words("nothing");
}

function Rules({ rules }: { rules: readonly WatchedRule[] }): JSX.Element {
  const loud = rules.filter(isLoud).map((rule) => `${rule.name} : ${sayState(rule)}`);
  return (
    <>
      <h3>{words("rules")}</h3>
      <ul class="versions">
        {rules.map((rule) => (
          <li key={rule.id} data-testid="tuning-rule">
            <span>{rule.name}</span>
            <span class={isLoud(rule) ? "tag warn" : "tag"}>{sayState(rule)}</span>
          </li>
        ))}
      </ul>
      <p class="unseen" role="status">
        {loud.join(" ; ")}
      </p>
    </>
  );
}

const isLoud = ({ doing }: WatchedRule): boolean => doing === "open" || doing === "rests";

function sayState({ doing, rests, changed }: WatchedRule): string {
  const said = [words(`doing.${doing}`)];
  if (rests) said.push(watching(`rests.${rests}`));
  if (changed !== null) said.push(words("changed", { count: Math.round(changed * 100) }));
  return said.join(" · ");
}

/** The frame has the picture's own form, or the boxes would lie beside what they are around. */
function keepForm(frame: HTMLElement | null): void {
  const measure = (event: Event): void => {
    const video = event.target;
    if (!frame || !(video instanceof HTMLVideoElement) || !video.videoHeight) return;
    frame.style.aspectRatio = String(video.videoWidth / video.videoHeight);
  };
  frame?.addEventListener("loadedmetadata", measure, true);
  frame?.addEventListener("resize", measure, true);
}
