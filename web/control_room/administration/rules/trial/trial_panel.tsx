/** 'Try on the last hour': the rules as they are drawn, run over what was recorded. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../../shared/problem.ts";
import { sayTime } from "../../../../shared/moments.ts";
import type { Camera, Id, Rule } from "../../../../shared/types.ts";
import { Fault } from "../../../../shared/ui/fault.tsx";
import { may } from "../../../state/store.ts";
import { cancelTrial, gapsOf, isOver, trialOf, type Hours, type Trial } from "./api.ts";
import { TrialForm } from "./trial_form.tsx";
import { TrialResults } from "./trial_results.tsx";
import { sayTrouble } from "./withheld.ts";
import { words } from "./words.ts";

const LOOK_EVERY_MS = 1_000;
/** Once it is over: what it found may go before half an hour, with a recording or an act. */
const LOOK_AGAIN_EVERY_MS = 3_000;

interface Begun {
  trial: Trial;
  rules: readonly Rule[];
}

export function TrialPanel(props: { camera: Camera; rules: readonly Rule[] }): JSX.Element {
  const { camera, rules } = props;
  const [begun, setBegun] = useState<Begun | null>(null);
  const [runs, setRuns] = useState(false);
  if (!may("view-recordings", camera.commune_id)) {
    return (
      <p class="is-warn" role="status" ref={intoView}>
        {words("noRecordings")}
      </p>
    );
  }
  return (
    <section class="form trial" data-testid="trial" ref={intoView}>
      <p class="small quiet">{words("why")}</p>
      <p class="small quiet">{words("law")}</p>
      {camera.moves && <p class="small is-warn">{words("moves")}</p>}
      {rules.length === 0 ? (
        <p>{words("noRules")}</p>
      ) : (
        <TrialForm
          camera={camera}
          rules={rules}
          isAgain={begun !== null}
          replaces={runs}
          onBegun={(trial, tried) => {
            setBegun({ trial, rules: tried });
            setRuns(true);
          }}
        />
      )}
      {begun && (
        <Running
          key={begun.trial.id}
          cameraId={camera.id}
          begun={begun}
          hasChanged={rules !== begun.rules}
          onOver={() => setRuns(false)}
        />
      )}
    </section>
  );
}

/** Opened below what a small screen shows. */
function intoView(panel: HTMLElement | null): void {
  panel?.scrollIntoView({ block: "nearest" });
}

/** A trial that is followed until it is over; who goes away stops it. */
function Running(props: {
  cameraId: Id;
  begun: Begun;
  hasChanged: boolean;
  onOver: () => void;
}): JSX.Element {
  const { cameraId, begun, hasChanged, onOver } = props;
  const [trial, setTrial] = useState(begun.trial);
  const [gaps, setGaps] = useState<readonly Hours[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isForgotten, setForgotten] = useState(false);
  useEffect(() => {
    let timer = 0;
    let over = false;
    let isGone = false;
    const look = async (): Promise<void> => {
      try {
        const now = await trialOf(cameraId, begun.trial.id);
        over = isOver(now);
        setTrial(now);
        setProblem(null);
      } catch (error) {
        const why = Problem.of(error);
        if (why.status === 404) {
          over = true;
          if (!isGone) onOver();
          return setForgotten(true);
        }
        setProblem(why);
      }
      if (isGone) return;
      if (over) onOver();
      timer = window.setTimeout(() => void look(), over ? LOOK_AGAIN_EVERY_MS : LOOK_EVERY_MS);
    };
    void look();
    if (begun.trial.film === null) {
      gapsOf(cameraId, begun.trial).then(setGaps, (error: unknown) =>
        setProblem(Problem.of(error)),
      );
    }
    return () => {
      isGone = true;
      window.clearTimeout(timer);
      // It ends by itself otherwise: nobody is there to be told that it could not be stopped.
      if (!over) cancelTrial(cameraId, begun.trial.id).catch(() => undefined);
    };
  }, []);
  const cancel = (): void => {
    cancelTrial(cameraId, trial.id).catch((error: unknown) => setProblem(Problem.of(error)));
  };
  const line = useRef<HTMLParagraphElement>(null);
  const isDone = isOver(trial);
  // What it found is below what is shown: its state goes to the top, and has the keys when they
  // were at the button that is gone.
  useEffect(() => {
    line.current?.scrollIntoView({ block: isDone ? "start" : "nearest" });
    if (isDone && !document.activeElement?.closest("dialog")) line.current?.focus();
  }, [isDone]);
  if (isForgotten) {
    return (
      <p class="is-warn" role="status" data-testid="trial-forgotten">
        {words("forgotten")}
      </p>
    );
  }
  return (
    <>
      {problem && <Fault error={problem} />}
      <div class="form-row trial-state">
        <p role="status" data-testid="trial-state" tabIndex={-1} ref={line}>
          {stateOf(trial)}
        </p>
        {!isOver(trial) && (
          <button type="button" class="button" data-testid="trial-cancel" onClick={cancel}>
            {words("cancel")}
          </button>
        )}
      </div>
      {!isOver(trial) && (
        <progress class="trial-progress" value={progressOf(trial)} aria-label={stateOf(trial)} />
      )}
      {hasChanged && <p class="small is-warn">{words("changed")}</p>}
      <TrialResults cameraId={cameraId} trial={trial} rules={begun.rules} gaps={gaps} />
    </>
  );
}

function progressOf({ starts_at, ends_at, looked_until }: Trial): number {
  const start = Date.parse(starts_at);
  if (!looked_until) return 0;
  return (Date.parse(looked_until) - start) / (Date.parse(ends_at) - start);
}

function stateOf(trial: Trial): string {
  const count = trial.looked;
  if (trial.state === "failed") {
    return words("state.failed", { why: sayTrouble(trial) });
  }
  if (trial.state === "running") {
    if (!trial.looked_until) return words(trial.film ? "state.running1" : "state.running0");
    return words("state.running", { at: sayTime(Date.parse(trial.looked_until)), count });
  }
  return words(`state.${trial.state}`, { count });
}
