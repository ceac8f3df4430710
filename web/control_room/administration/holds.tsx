/** Holds: which recordings are kept for a requisition, and until somebody lifts it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import type { Hold, Id } from "../../shared/types.ts";
import { When } from "../../shared/ui/age.tsx";
import { Fault } from "../../shared/ui/fault.tsx";
import { holdsOf, liftHold } from "../intents/recordings.ts";
import { notify } from "../notices/notices.ts";
import { may, room } from "../state/store.ts";
import { Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Opens, Skeleton, Table } from "./section.tsx";
import { text } from "./words/index.ts";

export function Holds({ commune }: { commune: Id }): JSX.Element {
  const [holds, setHolds] = useState<readonly Hold[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    holdsOf(commune).then(setHolds, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(load, []);
  const lift = async (hold: Hold, because: string): Promise<void> => {
    const lifted = await liftHold(hold.id, because);
    setHolds((held) => (held ?? []).map((one) => (one.id === lifted.id ? lifted : one)));
    notify({ tone: "done", text: text("hold.liftedDone", { name: hold.requisition }) });
  };
  return (
    <section class="recording-part" aria-label={text("holds.title")}>
      <h2>{text("holds.title")}</h2>
      <p class="quiet small">{text("holds.how")}</p>
      {problem && <Fault error={problem} retry={load} />}
      {!holds && !problem && <Skeleton />}
      {holds?.length === 0 && <p class="empty">{text("holds.empty")}</p>}
      {holds && holds.length > 0 && (
        <Table
          things={holds}
          testid="hold-row"
          columns={[
            { title: text("hold.requisition"), cell: ({ requisition }) => requisition },
            { title: text("hold.sources"), cell: ({ sources }) => sources.map(nameOf).join(", ") },
            {
              title: text("hold.hours"),
              cell: ({ starts_at, ends_at }) => (
                <>
                  <When at={starts_at} /> – <When at={ends_at} />
                </>
              ),
            },
            {
              title: text("hold.keeps"),
              cell: ({ segments, bytes }) =>
                text("hold.amount", { count: segments, size: (bytes / 1e6).toLocaleString(locale.value, { maximumFractionDigits: 1 }) }),
            },
            { title: text("camera.state"), cell: (hold) => <StateOf hold={hold} /> },
          ]}
          acts={(hold) =>
            hold.lifted_at === null &&
            may("hold-recordings", commune) && (
              <Opens label={text("hold.lift")} title={hold.requisition} testid="lift-hold">
                {(close) => <Lifting hold={hold} onLift={lift} onDone={close} />}
              </Opens>
            )
          }
        />
      )}
    </section>
  );
}

function Lifting(props: {
  hold: Hold;
  onLift: (hold: Hold, because: string) => Promise<void>;
  onDone: () => void;
}): JSX.Element {
  const { hold, onLift, onDone } = props;
  return (
    <Form
      testid="lifting-form"
      submit={text("hold.lift")}
      tone="danger"
      onCancel={onDone}
      onSubmit={async (form) => {
        await onLift(hold, textOf(form, "because"));
        onDone();
      }}
    >
      <p>{text("hold.liftWhat")}</p>
      <Field label={text("hold.because")} name="because" required maxLength={200} />
    </Form>
  );
}

function StateOf({ hold }: { hold: Hold }): JSX.Element {
  if (hold.lifted_at === null) {
    return (
      <>
        <span class="tag accent">{text("hold.inForce")}</span>{" "}
        <span class="quiet small">
          {text("hold.since")} <When at={hold.placed_at} />
        </span>
      </>
    );
  }
  return (
    <span class="quiet">
      {text("hold.lifted")} <When at={hold.lifted_at} /> : {hold.lifted_because}
    </span>
  );
}

/** A camera by its number and name; a patrol's stream, or a camera that is gone, by its end. */
export function nameOf(source: Id): string {
  const camera = room.value.cameras.get(source);
  if (camera) return words("camera.named", { number: camera.number, name: camera.name });
  return `…${source.slice(-4)}`;
}
