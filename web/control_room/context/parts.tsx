/** Rows and links that the context's pages share. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../shared/problem.ts";
import type { Point } from "../../shared/types.ts";
import { When } from "../../shared/ui/age.tsx";
import { Fault } from "../../shared/ui/fault.tsx";
import { goTo } from "../map/view_point.ts";
import { selection, stage, type Selection } from "../state/store.ts";
import { words } from "../words/index.ts";

export function Row({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="row">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Go({ to, children }: { to: Selection; children: ComponentChildren }): JSX.Element {
  return (
    <button type="button" class="link" onClick={() => (selection.value = to)}>
      {children}
    </button>
  );
}

export function OnMap({ point }: { point: Point | null | undefined }): JSX.Element | null {
  if (!point) return null;
  return (
    <button
      type="button"
      class="button"
      onClick={() => {
        stage.value = "map";
        goTo(point);
      }}
    >
      {words("context.onMap")}
    </button>
  );
}

export interface Step {
  at: string;
  actor_name?: string | null;
  actor?: string;
  what: string;
}

/** The steps of a story, asked for when it is opened and again when `version` changes. */
export function Timeline(props: {
  load: () => Promise<{ history: Step[] }>;
  version: string;
}): JSX.Element {
  const [steps, setSteps] = useState<readonly Step[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    props.load().then(
      ({ history }) => setSteps(history),
      (error: unknown) => setProblem(Problem.of(error)),
    );
  };
  useEffect(load, [props.version]);
  if (problem) return <Fault error={problem} retry={load} />;
  if (!steps) return <div class="skeleton" />;
  return (
    <ol class="timeline">
      {steps.map((step, i) => (
        <li key={i}>
          <When at={step.at} /> <span>{sayStep(step.what)}</span>
          {step.actor_name && <span class="quiet small"> {step.actor_name}</span>}
        </li>
      ))}
    </ol>
  );
}

const KNOWN_STEPS = [
  "raised",
  "handled",
  "confirmed",
  "dismissed",
  "reopened",
  "sent",
  "arrived",
  "acknowledged",
  "declined",
  "resolved",
] as const;

function sayStep(what: string): string {
  const step = KNOWN_STEPS.find((known) => what.endsWith(known));
  return step ? words(`step.${step}`) : what;
}
