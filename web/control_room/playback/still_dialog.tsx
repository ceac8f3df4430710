/** `P`: one picture out, with its motive in the register; what was saved shows its hash. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { saveFile } from "../save_file.ts";
import { Dialog, Form, takesKeys, textOf } from "../ui.tsx";
import { takeStill } from "./api.ts";
import { dialog } from "./commands.ts";
import type { Deck } from "./deck.ts";
import { fileTime } from "./moments.tsx";
import { MotiveField } from "./motive_field.tsx";
import { hashOf } from "./hash.ts";
import { nameOf } from "./picture.tsx";
import { text } from "./words/index.ts";

export function StillDialog({ deck }: { deck: Deck }): JSX.Element | null {
  return dialog.value === "still" ? <Still deck={deck} /> : null;
}

function Still({ deck }: { deck: Deck }): JSX.Element {
  const [hash, setHash] = useState<string | null>(null);
  const close = (): void => {
    dialog.value = null;
  };
  const submit = async (form: FormData): Promise<void> => {
    const leave = deck.one?.leave.peek();
    const shown = deck.one?.shown;
    if (!leave || !shown) return;
    const at = deck.at.peek();
    const picture = await takeStill(leave, at, textOf(form, "motive"));
    saveFile(`${nameOf(shown)} ${fileTime(at)}.jpg`, picture);
    setHash(await hashOf(picture));
  };
  return (
    <Dialog title={text("still.title")} onClose={close} testid="still-dialog">
      {hash === null ? (
        <Form testid="still-form" submit={text("still.do")} onCancel={close} onSubmit={submit}>
          <p class="small quiet">{text("still.what")}</p>
          <MotiveField said={deck.motive} />
        </Form>
      ) : (
        <>
          <p role="status">{text("still.done")}</p>
          <p class="small quiet hash">SHA-256 {hash}</p>
          <div class="form-acts">
            <button type="button" class="button" onClick={close} ref={takesKeys}>
              {say("act.close")}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
