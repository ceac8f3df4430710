/** Small parts that several regions use: labelled fields, forms that say why not, dialogs. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { X } from "lucide";
import { Problem } from "../shared/problem.ts";
import { Fault } from "../shared/ui/fault.tsx";
import { Icon } from "../shared/ui/icon.tsx";
import { say } from "../shared/i18n/index.ts";

interface FieldProps {
  label: string;
  hint?: string | undefined;
  fault?: string | undefined;
  /** Why the form can't be sent with it: the browser says it then. */
  invalid?: string | undefined;
  name?: string;
  type?: "text" | "password" | "number" | "date" | "time" | "datetime-local" | "url";
  value?: string | number;
  defaultValue?: string | number | undefined;
  placeholder?: string;
  autocomplete?: string;
  autocapitalize?: "none";
  spellcheck?: boolean;
  inputMode?: "decimal" | "numeric";
  list?: string;
  required?: boolean;
  autofocus?: boolean;
  minLength?: number;
  maxLength?: number;
  min?: number | string;
  max?: number | string;
  step?: number | string;
  pattern?: string;
  onInput?: (value: string) => void;
}

export function Field(props: FieldProps): JSX.Element {
  const id = useId();
  const { label, hint, invalid, fault = invalid, onInput, ...input } = props;
  const about = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <input
        class="input"
        // Preact types each kind of input apart; which one this is, is known only when it runs.
        {...(input as { type?: "text" })}
        ref={(element) => element?.setCustomValidity(invalid ?? "")}
        onInput={onInput && ((event) => onInput(event.currentTarget.value))}
        id={id}
        aria-invalid={fault ? "true" : undefined}
        aria-describedby={about || undefined}
      />
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {fault && (
        <span class="fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}

export function Choice(props: {
  label: string;
  hint?: string | undefined;
  options: readonly (readonly [value: string, label: string])[];
  name?: string;
  value?: string | undefined;
  required?: boolean;
  onChange?: (value: string) => void;
}): JSX.Element {
  const id = useId();
  const { label, hint, options, value, name, required, onChange } = props;
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <select
        class="input"
        id={id}
        name={name}
        required={required}
        onChange={onChange && ((event) => onChange(event.currentTarget.value))}
        aria-describedby={hint ? `${id}-hint` : undefined}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key} selected={key === value}>
            {text}
          </option>
        ))}
      </select>
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

export function Area(props: {
  label: string;
  hint?: string;
  name: string;
  maxLength?: number;
  required?: boolean;
  testid?: string;
}): JSX.Element {
  const id = useId();
  const { label, hint, name, maxLength, required, testid } = props;
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <textarea
        class="input"
        id={id}
        name={name}
        maxLength={maxLength}
        required={required}
        data-testid={testid}
      />
      {hint && <span class="hint">{hint}</span>}
    </div>
  );
}

/** A form that runs one act, shows why it was refused and keeps what was typed. */
export function Form(props: {
  children: ComponentChildren;
  submit: ComponentChildren;
  onSubmit: (form: FormData) => Promise<void>;
  onCancel?: () => void;
  tone?: "primary" | "danger";
  /** What a press does that can't be taken back: beside the button, wherever the form is long. */
  warning?: string;
  /** What is sent besides its fields: once it has changed, why it was refused is said no more. */
  about?: unknown;
  testid?: string;
}): JSX.Element {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const here = useRef<HTMLFormElement>(null);
  useEffect(() => setProblem(null), [props.about]);
  // One that was waited for: until now the keys were at the cross of its dialog.
  useEffect(() => takeKeys(here.current), []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem(null);
    try {
      await props.onSubmit(form);
    } catch (error) {
      setProblem(Problem.of(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      ref={here}
      class="form"
      data-testid={props.testid}
      onSubmit={(event) => void submit(event as unknown as SubmitEvent)}
    >
      {props.children}
      <div class="form-end">
        {props.warning && <p class="small">{props.warning}</p>}
        {problem && (
          <div ref={intoView}>
            <Fault error={problem} />
          </div>
        )}
        <div class="form-acts">
          <button
            type="submit"
            class={`button ${props.tone ?? "primary"}`}
            aria-disabled={busy ? "true" : undefined}
            data-testid={props.testid ? `${props.testid}-submit` : undefined}
          >
            {props.submit}
          </button>
          {props.onCancel && (
            <button type="button" class="button" onClick={props.onCancel}>
              {say("act.cancel")}
            </button>
          )}
        </div>
      </div>
    </form>
  );
}

/** Where the form's end does not stay in sight by itself. */
function intoView(fault: HTMLElement | null): void {
  fault?.scrollIntoView({ block: "nearest" });
}

/** Else the first stop is the dialog's cross, and Enter would close what was just opened. */
function takeKeys(form: HTMLFormElement | null): void {
  if (!form || !document.activeElement?.closest(".dialog-head")) return;
  form.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
}

/** A modal dialog: the browser keeps the focus inside and Escape closes it. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  testid?: string;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { onClose } = props;
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    takeKeys(dialog.current?.querySelector("form") ?? null);
    // It is taken out of the page, not closed: the browser does not give the keys back.
    return () => (before as HTMLElement | null)?.focus();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      data-testid={props.testid}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{props.title}</h2>
        <button
          type="button"
          class="button plain icon"
          aria-label={say("act.close")}
          onClick={onClose}
        >
          <Icon node={X} />
        </button>
      </header>
      {props.children}
    </dialog>
  );
}

/** As a `ref`: the keys come here when it appears. One written in place is called at each render. */
export const takesKeys = (element: HTMLElement | null): void => element?.focus();

/** The text of a field of a form. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
}

export function numberOf(form: FormData, name: string): number {
  return Number(textOf(form, name).replace(",", "."));
}
