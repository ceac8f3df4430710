/** Suspended kinds, why, and the supervisor's way to have them looked for again. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../../shared/i18n/index.ts";
import { Problem } from "../../../shared/problem.ts";
import type { Id } from "../../../shared/types.ts";
import { When } from "../../../shared/ui/age.tsx";
import { Fault } from "../../../shared/ui/fault.tsx";
import { notify } from "../../notices/notices.ts";
import { may } from "../../state/store.ts";
import { Field, Form, textOf } from "../../ui.tsx";
import { nameOf } from "../holds.tsx";
import { Opens, Skeleton, Table } from "../section.tsx";
import { liftSuspension, suspensionsOf, type Suspension } from "./intents.ts";
import { number, shown } from "./numbers.ts";
import { words } from "./words.ts";

export function Suspensions({ commune }: { commune: Id }): JSX.Element {
  const [all, setAll] = useState<readonly Suspension[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    suspensionsOf(commune).then(setAll, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(load, []);
  const lifts = may("lift-suspensions", commune);
  const lift = async (one: Suspension, motive: string): Promise<void> => {
    const lifted = await liftSuspension(one.id, motive);
    setAll((kept) => (kept ?? []).map((other) => (other.id === lifted.id ? lifted : other)));
    notify({ tone: "done", text: words("done", { kind: say(`kind.${one.kind}`) }) });
  };
  return (
    <section class="recording-part" aria-label={words("suspensions")}>
      <h2>{words("suspensions")}</h2>
      {problem && <Fault error={problem} retry={load} />}
      {!all && !problem && <Skeleton />}
      {all?.length === 0 && <p class="empty">{words("none")}</p>}
      {all && all.length > 0 && (
        <Table
          things={all}
          testid="suspension-row"
          label={words("suspensionsTable")}
          columns={[
            { title: words("camera"), cell: sourceOf },
            { title: words("kind"), cell: ({ kind }) => say(`kind.${kind}`) },
            { title: words("since"), cell: ({ suspended_at }) => <When at={suspended_at} /> },
            {
              title: words("why"),
              cell: ({ false_alerts, days, per_day }) =>
                words("counted", {
                  count: false_alerts,
                  days: number(days, 1),
                  of: shown(days, 1),
                  per_day: number(per_day, 2),
                  allowed: per_day,
                }),
            },
            { title: words("state"), cell: (one) => <StateOf one={one} lifts={lifts} /> },
          ]}
          acts={(one) =>
            one.lifted_at === null &&
            lifts && (
              <Opens label={words("lift")} title={sourceOf(one)} testid="lift-suspension">
                {(close) => <Lifting one={one} onLift={lift} onDone={close} />}
              </Opens>
            )
          }
        />
      )}
    </section>
  );
}

function Lifting(props: {
  one: Suspension;
  onLift: (one: Suspension, motive: string) => Promise<void>;
  onDone: () => void;
}): JSX.Element {
  const { one, onLift, onDone } = props;
  return (
    <Form
      testid="suspension-lifting"
      submit={words("lift")}
      onCancel={onDone}
      onSubmit={async (form) => {
        await onLift(one, textOf(form, "motive"));
        onDone();
      }}
    >
      <p>{words("liftWhat", { kind: say(`kind.${one.kind}`) })}</p>
      <Field
        label={words("motive")}
        name="motive"
        hint={words("motiveHint")}
        required
        minLength={3}
        maxLength={500}
      />
    </Form>
  );
}

function StateOf({ one, lifts }: { one: Suspension; lifts: boolean }): JSX.Element {
  if (one.lifted_at === null) {
    return (
      <>
        <span class="tag warn">{words("runs")}</span>{" "}
        {!lifts && <span class="small quiet">{words("supervisor")}</span>}
      </>
    );
  }
  return (
    <span class="quiet">
      <When at={one.lifted_at} />{" "}
      {words("lifted", { name: one.lifted_by?.name ?? "", motive: one.motive })}
    </span>
  );
}

/** A camera by its number and name, or a sensor by its name. */
function sourceOf({ camera_id, sensor_name }: Suspension): string {
  return camera_id === null ? (sensor_name ?? "") : nameOf(camera_id);
}
