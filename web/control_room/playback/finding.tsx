/** `G`: the minute by its date and time. `X`: another camera beside, in step. */

import type { JSX } from "preact";
import { serverNow } from "../../shared/time.ts";
import { mayLookBack } from "../state/looking.ts";
import { cameras, streams } from "../state/store.ts";
import { Choice, Dialog, Form, textOf } from "../ui.tsx";
import { dialog } from "./commands.ts";
import type { Deck } from "./deck.ts";
import { MomentField, momentOf } from "./moments.tsx";
import { nameOf } from "./picture.tsx";
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
          deck.jump(momentOf(form, "at"));
          close();
        }}
      >
        <MomentField
          label={text("find.at")}
          name="at"
          at={deck.at.peek()}
          max={serverNow()}
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
