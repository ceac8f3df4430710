/** `G`: the minute by its date and time. `X`: another camera beside, in step. */

import type { JSX } from "preact";
import { serverNow } from "../../shared/time.ts";
import { mayLookBack } from "../state/looking.ts";
import { cameras, streams } from "../state/store.ts";
import { Choice, Dialog, Field, Form, textOf } from "../ui.tsx";
import { instant } from "./api.ts";
import { dialog } from "./commands.ts";
import type { Deck } from "./deck.ts";
import { nameOf } from "./picture.tsx";
import type { Span } from "./timeline.ts";
import { text } from "./words/index.ts";

const close = (): void => {
  dialog.value = null;
};

export function FindDialog({ deck }: { deck: Deck }): JSX.Element | null {
  if (dialog.value !== "find") return null;
  return (
    <Dialog title={text("find.title")} onClose={close} testid="find-dialog">
      <Form
        testid="find-form"
        submit={text("find.go")}
        onCancel={close}
        onSubmit={async (form) => {
          deck.jump(ofField(textOf(form, "at")));
          close();
        }}
      >
        <Field
          label={text("find.at")}
          name="at"
          type="datetime-local"
          step={1}
          required
          defaultValue={toField(deck.at.peek())}
          max={toField(serverNow())}
          hint={text("find.hint")}
        />
      </Form>
    </Dialog>
  );
}

export function AddDialog({ deck }: { deck: Deck }): JSX.Element | null {
  if (dialog.value !== "add") return null;
  const here = new Set(deck.watched.value.map(({ shown }) => shown.id));
  const free = [
    ...cameras.value.map(({ id }) => ({ kind: "camera" as const, id })),
    ...streams.value.map(({ id }) => ({ kind: "stream" as const, id })),
  ].filter((one) => !here.has(one.id) && mayLookBack(one));
  return (
    <Dialog title={text("add.title")} onClose={close} testid="add-dialog">
      {free.length === 0 ? (
        <p class="empty">{text("add.none")}</p>
      ) : (
        <Form
          testid="add-form"
          submit={text("add.do")}
          onCancel={close}
          onSubmit={async (form) => {
            const [kind, id] = textOf(form, "source").split(":") as ["camera" | "stream", string];
            deck.add({ kind, id });
            close();
          }}
        >
          <Choice
            label={text("add.which")}
            name="source"
            options={free.map((one) => [`${one.kind}:${one.id}`, nameOf(one)] as const)}
            hint={text("add.hint")}
          />
        </Form>
      )}
    </Dialog>
  );
}

/** From when to when, in the town's time: fields `from` and `to`. */
export function HoursFields({ hours }: { hours: Span }): JSX.Element {
  return (
    <div class="form-row hours">
      {(["from", "to"] as const).map((name) => (
        <Field
          key={name}
          label={text(`hours.${name}`)}
          name={name}
          type="datetime-local"
          step={1}
          required
          defaultValue={toField(hours[name])}
        />
      ))}
    </div>
  );
}

/** `<input type="datetime-local" step="1">`: a time of day of this browser, with its seconds. */
export function toField(at: number): string {
  const date = new Date(at);
  const local = new Date(at - date.getTimezoneOffset() * 60_000);
  return instant(local.getTime()).slice(0, 19);
}

export const ofField = (value: string): number => new Date(value).getTime();

/** `2026-11-28 21.14.05`, as a file may be called on every system. */
export const fileTime = (at: number): string => toField(at).replace("T", " ").replaceAll(":", ".");
