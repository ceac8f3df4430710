/** A disk that is gone for good: what is lost with it is shown, and confirmed twice. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import type { Id, Volume } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { declareLost, lossOf, type Loss } from "../intents/recordings.ts";
import { notify } from "../notices/notices.ts";
import { Field, Form, textOf } from "../ui.tsx";
import { Opens, Skeleton } from "./section.tsx";
import { text } from "./words/index.ts";

interface Lost {
  commune: Id;
  volume: Volume;
  onLost: () => void;
}

export function LostVolume(props: Lost): JSX.Element {
  return (
    <Opens label={text("volume.declareLost")} title={props.volume.holder} testid="declare-lost">
      {(close) => <Declaring {...props} close={close} />}
    </Opens>
  );
}

function Declaring(props: Lost & { close: () => void }): JSX.Element {
  const { commune, volume, close } = props;
  const [loss, setLoss] = useState<Loss | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    lossOf(commune, volume.id).then(setLoss, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(load, []);
  if (problem) return <Fault error={problem} retry={load} />;
  if (!loss) return <Skeleton />;
  const count = (number: number): string => number.toLocaleString(locale.value);
  return (
    <Form
      testid="lost-form"
      submit={text("volume.declareLost")}
      tone="danger"
      onCancel={close}
      onSubmit={async (form) => {
        await declareLost(commune, volume.id, loss, textOf(form, "motive"));
        close();
        notify({ tone: "done", text: text("volume.lostDone") });
        props.onLost();
      }}
    >
      <p>{text("volume.lostWhat", { segments: count(loss.segments), held: count(loss.held) })}</p>
      <Field label={text("volume.lostMotive")} name="motive" required minLength={3} maxLength={200} />
      <label class="check">
        <input type="checkbox" name="sure" required />
        {text("volume.lostSure")}
      </label>
    </Form>
  );
}
