/** `H`: keep exact cameras and hours for a requisition. Taken back within ten seconds. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { liftHold, placeHold } from "../intents/recordings.ts";
import { fault, notify } from "../notices/notices.ts";
import { communeOf } from "../state/looking.ts";
import { may } from "../state/store.ts";
import { Dialog, Field, Form, textOf } from "../ui.tsx";
import { instant } from "./api.ts";
import { dialog } from "./commands.ts";
import type { Deck } from "./deck.ts";
import { HoursFields, hoursOf } from "./moments.tsx";
import { nameOf } from "./picture.tsx";
import { text } from "./words/index.ts";

/** Nothing marked: a minute on both sides of what is shown. */
const AROUND_MS = 60_000;

export function HoldDialog({ deck }: { deck: Deck }): JSX.Element | null {
  return dialog.value === "hold" ? <Holding deck={deck} /> : null;
}

function Holding({ deck }: { deck: Deck }): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  const close = (): void => {
    dialog.value = null;
  };
  const commune = deck.one && communeOf(deck.one.shown);
  const able = deck.watched.value.filter(({ shown }) => communeOf(shown) === commune);
  const at = deck.at.peek();
  const hours = deck.marked.peek() ?? { from: at - AROUND_MS, to: at + AROUND_MS };
  const submit = async (form: FormData): Promise<void> => {
    if (!commune) return;
    const { from, to } = hoursOf(form);
    const held = await placeHold({
      id,
      commune_id: commune,
      requisition: textOf(form, "requisition"),
      sources: form.getAll("source").map(String),
      starts_at: instant(from),
      ends_at: instant(to),
    });
    close();
    const anew = (): void => {
      for (const one of able) void one.survey(deck.view.peek(), true);
    };
    anew();
    notify({
      tone: "done",
      text: text("hold.done", { name: held.requisition }),
      undo: () => void liftHold(held.id, text("hold.undone")).then(anew, fault),
    });
  };
  return (
    <Dialog title={text("hold.title")} onClose={close} testid="hold-dialog">
      {!commune || !may("hold-recordings", commune) ? (
        <p class="empty">{text("hold.denied")}</p>
      ) : (
        <Form testid="hold-form" submit={text("hold.do")} onCancel={close} onSubmit={submit}>
          <p class="small quiet">{text("hold.what")}</p>
          <Field
            label={text("hold.requisition")}
            name="requisition"
            required
            maxLength={200}
            hint={text("hold.requisitionHint")}
          />
          <HoursFields hours={hours} />
          <fieldset>
            <legend class="small quiet">{text("hold.sources")}</legend>
            {able.map(({ key, shown }) => (
              <label class="check" key={key}>
                <input
                  type="checkbox"
                  name="source"
                  value={shown.id}
                  defaultChecked={shown.id === deck.one?.shown.id || able.length === 1}
                />
                {nameOf(shown)}
              </label>
            ))}
          </fieldset>
        </Form>
      )}
    </Dialog>
  );
}
