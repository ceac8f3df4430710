/** Adds a camera step by step: found, asked, its picture seen, placed. Nothing is kept before. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { CameraForm, type Proposed } from "../camera_form.tsx";
import { AskStep } from "./ask_step.tsx";
import { FindStep } from "./find_step.tsx";
import type { Described, Visit } from "./onvif.ts";
import { PictureStep } from "./picture_step.tsx";
import { words } from "./words.ts";

type Step =
  | { at: "find" }
  | { at: "ask"; visit: Visit; name: string }
  | { at: "picture"; visit: Visit; name: string; said: Described }
  | { at: "place"; proposed: Proposed | null; back: Step };

const STEPS = ["find", "ask", "picture", "place"] as const;

export function CameraWizard(props: { onDone: () => void }): JSX.Element {
  const [step, setStep] = useState<Step>({ at: "find" });
  const wizard = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const shown = wizard.current;
    // The button that was pressed went with its step.
    if (!shown || shown.contains(document.activeElement)) return;
    shown.closest("dialog")?.scrollTo(0, 0);
    shown.querySelector<HTMLElement>("form :is(input, select)")?.focus({ preventScroll: true });
  }, [step.at]);
  return (
    <div class="wizard" data-testid="camera-wizard" ref={wizard}>
      <ol class="wizard-steps" aria-label={words("steps")}>
        {STEPS.map((one) => (
          <li key={one} aria-current={one === step.at ? "step" : undefined}>
            {words(`step.${one}`)}
          </li>
        ))}
      </ol>
      {step.at === "find" && (
        <FindStep
          onChosen={(address, name) => setStep({ at: "ask", visit: { address }, name })}
          onByHand={() => setStep({ at: "place", proposed: null, back: step })}
        />
      )}
      {step.at === "ask" && (
        <AskStep
          visit={step.visit}
          onSaid={(visit, said) => setStep({ at: "picture", visit, name: step.name, said })}
          onBack={() => setStep({ at: "find" })}
        />
      )}
      {step.at === "picture" && step.said.camera && (
        <PictureStep
          visit={step.visit}
          name={step.name}
          camera={step.said.camera}
          main={step.said.main}
          sub={step.said.sub}
          onChosen={(proposed) => setStep({ at: "place", proposed, back: step })}
          onBack={() => setStep({ at: "ask", visit: step.visit, name: step.name })}
        />
      )}
      {step.at === "place" && (
        <CameraForm
          camera={null}
          proposed={step.proposed}
          onBack={() => setStep(step.back)}
          onDone={props.onDone}
        />
      )}
    </div>
  );
}
