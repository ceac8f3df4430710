/** Enrolment: the code that was scanned or is typed, and a PIN of the agent's choice. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { sayProblem } from "../../shared/i18n/index.ts";
import { enrol } from "../intents/session.ts";
import { tidyCode } from "../state/address.ts";
import { words } from "../words/index.ts";

const CODE_LETTERS = 10;

export function Enrolment({ code }: { code: string }): JSX.Element {
  const fault = useSignal("");
  const busy = useSignal(false);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const typed = tidyCode(String(form.get("code") ?? ""));
    const pin = String(form.get("pin") ?? "");
    fault.value = faultOf(typed, pin, String(form.get("again") ?? ""));
    if (fault.value || busy.value) return;
    busy.value = true;
    try {
      await enrol(typed, pin);
    } catch (error) {
      const { title, detail } = sayProblem(error);
      fault.value = detail ? `${title}. ${detail}` : title;
    } finally {
      busy.value = false;
    }
  };

  return (
    <main class="begin" data-testid="enrolment">
      <h1>{words("enrol.title")}</h1>
      <p class="quiet">{words("enrol.how")}</p>
      {isIPhonePage() && <p class="hint-box">{words("enrol.ios")}</p>}
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span class="label">{words("enrol.code")}</span>
          <input
            class="input glove code"
            name="code"
            defaultValue={code}
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            maxLength={40}
            required
            data-testid="enrol-code"
          />
          <span class="hint">{words("enrol.codeHint")}</span>
        </label>
        <PinField name="pin" label={words("enrol.pin")} testId="enrol-pin" />
        <PinField name="again" label={words("enrol.pinAgain")} testId="enrol-pin-again" />
        <p class="quiet small">{words("enrol.pinHint")}</p>
        {fault.value && (
          <p class="fault" role="alert" data-testid="enrol-fault">
            {fault.value}
          </p>
        )}
        <button
          type="submit"
          class="button primary glove"
          disabled={busy.value}
          data-testid="enrol"
        >
          {words(busy.value ? "enrol.sending" : "enrol.send")}
        </button>
      </form>
    </main>
  );
}

function PinField(props: { name: string; label: string; testId: string }): JSX.Element {
  return (
    <label class="field">
      <span class="label">{props.label}</span>
      <input
        class="input glove"
        name={props.name}
        type="password"
        inputMode="numeric"
        autoComplete="off"
        maxLength={8}
        required
        data-testid={props.testId}
      />
    </label>
  );
}

function faultOf(code: string, pin: string, again: string): string {
  if (code.replace(/[^0-9A-Z]/g, "").length !== CODE_LETTERS) return words("enrol.codeShape");
  if (!/^[0-9]{4,8}$/.test(pin)) return words("enrol.pinShape");
  return pin === again ? "" : words("enrol.pinDiffers");
}

/** On iOS the page in the browser and the one on the home screen keep different things. */
function isIPhonePage(): boolean {
  return "standalone" in navigator && navigator.standalone === false;
}
