/** The form round a drawing: Ctrl+Z goes back, and what was left unsaved is there again. */

import type { ComponentChildren, JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import { Form } from "../ui.tsx";
import { stepOfKey } from "./steps.ts";
import type { Draft } from "./unsaved.ts";
import { text } from "./words/index.ts";

export function DrawingForm<T>(props: {
  testid: string;
  draft: Draft<T>;
  /** Raises what the form then says; what was drawn is kept. "stays": something is left to do. */
  onSubmit: () => Promise<"stays" | void>;
  /** It was saved, or given up. */
  onDone: () => void;
  /** Below the form, where Ctrl+Z goes back as well. */
  below?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const { draft, onDone } = props;
  const { steps, put } = draft;
  const onKey = (event: KeyboardEvent): void => {
    const step = stepOfKey(event);
    if (!step) return;
    put(step(steps));
    event.preventDefault();
  };
  const leave = (): void => {
    draft.drop();
    onDone();
  };
  const submit = async (): Promise<void> => {
    if ((await props.onSubmit()) !== "stays") leave();
  };
  return (
    <div class="form" onKeyDown={(event) => onKey(event as unknown as KeyboardEvent)}>
      <Form
        testid={props.testid}
        submit={say("act.save")}
        about={steps.now}
        onCancel={leave}
        onSubmit={submit}
      >
        {draft.isFound && (
          <p class="is-warn" role="status" data-testid="unsaved">
            {text("zone.unsaved")}
          </p>
        )}
        <div class="zones">{props.children}</div>
      </Form>
      {props.below}
    </div>
  );
}
