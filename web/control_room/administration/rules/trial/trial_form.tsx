/** What is tried on: hours of the camera's recordings, or a film that somebody brings. */

import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Problem } from "../../../../shared/problem.ts";
import { serverNow } from "../../../../shared/time.ts";
import type { Camera, Rule } from "../../../../shared/types.ts";
import { MomentField, momentOf } from "../../../playback/moments.tsx";
import { Choice, Field, Form, textOf } from "../../../ui.tsx";
import { faulty } from "../faulty.ts";
import { faultIn } from "../rule_drafts.ts";
import { beginTrial, cancelTrial, type Asked, type Trial } from "./api.ts";
import { bringFilm, inWords, type Sent } from "./film.ts";
import { words } from "./words.ts";

const MINUTE_MS = 60_000;
const FORMS = ".mp4,.m4v,.mov,.mkv,video/mp4,video/quicktime,video/x-matroska";

export function TrialForm(props: {
  camera: Camera;
  rules: readonly Rule[];
  isAgain: boolean;
  /** A trial of mine runs beside, and is to be stopped for the next. */
  replaces: boolean;
  onBegun: (trial: Trial, rules: readonly Rule[]) => void;
}): JSX.Element {
  const { camera, rules, isAgain, replaces, onBegun } = props;
  const [hasOther, setOther] = useState(false);
  const [isFilm, setFilm] = useState(false);
  const [sent, setSent] = useState<Sent | undefined>(undefined);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const tryOn = (asked: Asked): Promise<Trial> =>
    beginTrial(camera.id, { ...asked, id: crypto.randomUUID(), rules }).then(
      (trial) => {
        setOther(false);
        return trial;
      },
      (error: unknown) => {
        const problem = Problem.of(error);
        setOther(problem.code === "your-trial-runs");
        throw inWords(problem);
      },
    );
  const begin = async (form: FormData): Promise<void> => {
    const wrong = rules.find((rule) => faultIn(rule) !== null);
    if (wrong) throw faulty(wrong, words("notBegun"));
    const said = { motive: textOf(form, "motive"), replaces: replaces || form.has("replaces") };
    const from = momentOf(form, "from");
    const starts_at = new Date(from).toISOString();
    const file = form.get("film");
    if (!(file instanceof File)) {
      const until = from + Number(form.get("lasts")) * MINUTE_MS;
      onBegun(await tryOn({ ...said, starts_at, ends_at: new Date(until).toISOString() }), rules);
      return;
    }
    const { name, size } = file;
    const trial = await tryOn({ ...said, starts_at, film: { name, size, is_of_camera: true } });
    const stop = new AbortController();
    leaving.current = stop;
    setSent(0);
    try {
      onBegun(await bringFilm(camera.id, trial.id, file, setSent, stop.signal), rules);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      // It is forgotten by itself otherwise: nobody is there to be told that it was not.
      cancelTrial(camera.id, trial.id).catch(() => undefined);
    } finally {
      leaving.current = null;
      setSent(undefined);
    }
  };
  return (
    <>
      <Form
        submit={words(isAgain ? "again" : "start")}
        testid="trial-form"
        about={rules}
        onSubmit={begin}
      >
        <div class="form-row">
          <Choice
            label={words("source")}
            name="source"
            value={isFilm ? "film" : "recorded"}
            options={(["recorded", "film"] as const).map((n) => [n, words(`source.${n}`)] as const)}
            onChange={(source) => setFilm(source === "film")}
          />
          {isFilm && <FilmField />}
          <MomentField
            key={String(isFilm)}
            label={words(isFilm ? "filmedAt" : "from")}
            name="from"
            at={serverNow() - 60 * MINUTE_MS}
            max={serverNow()}
          />
          {!isFilm && (
            <Choice
              label={words("lasts")}
              name="lasts"
              value="60"
              options={(["10", "30", "60"] as const).map((n) => [n, words(`lasts.${n}`)] as const)}
            />
          )}
          <Field
            label={words("motive")}
            name="motive"
            defaultValue={words("usual")}
            minLength={3}
            maxLength={200}
            required
          />
        </div>
        {isFilm && (
          <>
            <label class="check">
              <input type="checkbox" name="of_camera" data-testid="trial-of-camera" required />
              <span>{words("ofCamera", { camera: camera.name })}</span>
            </label>
            <p class="small quiet">{words("filmKept")}</p>
          </>
        )}
        {hasOther && (
          <label class="check">
            <input type="checkbox" name="replaces" data-testid="trial-replaces" required />
            <span>{words("replaces")}</span>
          </label>
        )}
      </Form>
      {sent !== undefined && <Sending sent={sent} onStop={() => leaving.current?.abort()} />}
    </>
  );
}

function FilmField(): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {words("film")}
      </label>
      <input
        class="input"
        id={id}
        type="file"
        name="film"
        accept={FORMS}
        required
        aria-describedby={`${id}-hint`}
      />
      <span class="hint" id={`${id}-hint`}>
        {words("filmHint")}
      </span>
    </div>
  );
}

function Sending({ sent, onStop }: { sent: Sent; onStop: () => void }): JSX.Element {
  const said =
    sent === null ? words("checking") : words("sending", { count: Math.floor(sent * 100) });
  return (
    <>
      <div class="form-row trial-state">
        <p role="status" data-testid="trial-sending">
          {said}
        </p>
        <button type="button" class="button" data-testid="trial-stop-sending" onClick={onStop}>
          {words("stopSending")}
        </button>
      </div>
      <progress class="trial-progress" value={sent ?? undefined} aria-label={said} />
    </>
  );
}
