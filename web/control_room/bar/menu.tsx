/** A button that opens a small panel below it; Escape and a press elsewhere close it. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

export function Menu(props: {
  button: ComponentChildren;
  label: string;
  title?: string;
  tone?: string;
  children: ComponentChildren;
  testid?: string;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const whole = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event): void => {
      if (!whole.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  return (
    <div
      class="menu"
      ref={whole}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        whole.current?.querySelector("button")?.focus();
      }}
    >
      <button
        type="button"
        class={`button plain ${props.tone ?? ""}`}
        aria-expanded={open}
        aria-controls={id}
        title={props.title}
        data-testid={props.testid}
        onClick={() => setOpen(!open)}
      >
        {props.button}
      </button>
      <section class="menu-panel" id={id} aria-label={props.label} hidden={!open}>
        {open && props.children}
      </section>
    </div>
  );
}
