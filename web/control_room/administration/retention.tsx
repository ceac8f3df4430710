/** How long a commune keeps its recordings. What will go, and when, is said before it is decided. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { CommuneRecording, Id } from "../../shared/types.ts";
import { decideRetention } from "../intents/recordings.ts";
import { notify } from "../notices/notices.ts";
import { Field, Form, numberOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Sure } from "./sure.tsx";
import { text } from "./words/index.ts";

/** CSI L. 252-5 and R. 241-13: a month, taken for 30 days. */
const MOST_DAYS = 30;

export function RetentionForm(props: {
  commune: Id;
  recording: CommuneRecording;
  onDecided: (recording: CommuneRecording) => void;
}): JSX.Element {
  const { commune, recording, onDecided } = props;
  const before = recording.days;
  const [typed, setTyped] = useState(String(before ?? ""));
  const days = Number(typed);
  const shortens = before !== null && days >= 1 && days < before;
  const decide = async (chosen: number | null): Promise<void> => {
    onDecided(await decideRetention(commune, chosen));
    notify({ tone: "done", text: words("done.saved") });
  };
  return (
    <div class="retention">
      <Form
        testid="retention-form"
        submit={text(shortens ? "retention.shorten" : "retention.decide")}
        tone={shortens ? "danger" : "primary"}
        onSubmit={(form) => decide(numberOf(form, "days"))}
      >
        <Field
          label={text("retention.days")}
          name="days"
          type="number"
          min={1}
          max={MOST_DAYS}
          required
          value={typed}
          onInput={setTyped}
          hint={text("retention.law", { days: MOST_DAYS })}
        />
        <p class={shortens ? "is-warn" : "quiet small"} role="status">
          {before === null
            ? text("retention.willBegin")
            : shortens
              ? text("retention.willShorten", { days })
              : text("retention.willLengthen")}
        </p>
      </Form>
      {before !== null && (
        <Sure
          label={text("retention.stop")}
          what={text("retention.stopWhat", { days: before })}
          testid="retention-stop"
          onYes={() => decide(null)}
        />
      )}
    </div>
  );
}
