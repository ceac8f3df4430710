/** Asks once why recordings are looked at, then begins. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { locale, say } from "../../shared/i18n/index.ts";
import { sayWhen, serverNow } from "../../shared/time.ts";
import { asked, begin, looking, type Asked } from "../state/looking.ts";
import type { Shown } from "../../shared/types.ts";
import { room } from "../state/store.ts";
import { Dialog, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { text } from "./motive_words.ts";

const MOTIVES = ["intervention", "person", "damage", "requisition", "check"] as const;
const OTHER = "";

export function MotiveDialog(): JSX.Element | null {
  const what = asked.value;
  return what ? <Motive what={what} /> : null;
}

function Motive({ what }: { what: Asked }): JSX.Element {
  const offered = [
    ...(what.kind ? [text("motive.alert", { kind: say(`kind.${what.kind}`) })] : []),
    ...MOTIVES.map((one) => text(`motive.${one}`)),
  ];
  const before = looking.peek()?.motive;
  const isOwn = before !== undefined && !offered.includes(before);
  const [chosen, setChosen] = useState(isOwn ? OTHER : (offered[0] ?? OTHER));
  const close = (): void => {
    asked.value = null;
  };
  const at = new Date(what.at).toISOString();
  return (
    <Dialog title={text("lookBack.title")} onClose={close} testid="look-back">
      <Form
        testid="look-back-form"
        submit={
          <>
            {text("lookBack.do")} <kbd>{words("key.enter")}</kbd>
          </>
        }
        onCancel={close}
        onSubmit={async (form) => begin(what, textOf(form, "motive") || textOf(form, "own"))}
      >
        <p>
          <strong>{what.sources.map(nameOf).join(", ")}</strong>
        </p>
        <p>
          {text("lookBack.from", { time: sayWhen(at, serverNow(), locale.value) })}
          <span class="small quiet"> {text("lookBack.why")}</span>
        </p>
        <fieldset class="kinds">
          <legend class="small quiet">{words("wall.motive")}</legend>
          {[...offered, OTHER].map((motive, i) => (
            <label class="check kind" key={motive}>
              <input
                type="radio"
                name="motive"
                value={motive}
                checked={motive === chosen}
                autofocus={i === 0}
                onChange={() => setChosen(motive)}
              />
              {motive || text("motive.other")}
            </label>
          ))}
        </fieldset>
        {chosen === OTHER && (
          <Field
            label={text("motive.own")}
            name="own"
            required
            minLength={3}
            maxLength={200}
            defaultValue={isOwn ? before : ""}
          />
        )}
      </Form>
    </Dialog>
  );
}

function nameOf({ kind, id }: Shown): string {
  const camera = kind === "camera" ? room.value.cameras.get(id) : undefined;
  if (camera) return words("camera.named", { number: camera.number, name: camera.name });
  return words("stream.of", { unit: room.value.streams.get(id)?.call_sign ?? "" });
}
