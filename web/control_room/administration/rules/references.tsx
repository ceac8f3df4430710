/** What a rule's zone looks like when nothing is the matter: taken, seen, taken anew, forgotten. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale } from "../../../shared/i18n/index.ts";
import { Problem } from "../../../shared/problem.ts";
import { now, sayWhen } from "../../../shared/time.ts";
import type { Id, Light, Reference, Rule } from "../../../shared/types.ts";
import { Fault } from "../../../shared/ui/fault.tsx";
import { fault as tell } from "../../notices/notices.ts";
import { takesKeys } from "../../ui.tsx";
import { askForReference, dropReference, pictureOfReference, referencesOf } from "./intents.ts";
import { areSamePoints, stateOf } from "./reference_states.ts";
import { words } from "./words.ts";

const LIGHTS: readonly Light[] = ["day", "night"];
/** One that is being taken is there after five seconds of pictures. */
const LOOKED_AT_EVERY_MS = 2_000;

export function References(props: {
  cameraId: Id;
  rule: Rule;
  /** The rule as the server has it; what is not kept yet can have no picture. */
  kept: Rule | undefined;
  /** The rule was just saved, and waits for its picture. */
  isNext: boolean;
}): JSX.Element {
  const { cameraId, rule, kept, isNext } = props;
  const isKept = kept !== undefined && areSamePoints(kept.points, rule.points);
  return (
    <fieldset class="references" data-testid="references">
      <legend class="label">{words("references")}</legend>
      {isNext && (
        // The keys come here: the button to take it is the next stop.
        <p class="is-warn" data-testid="reference-next" tabIndex={-1} ref={takesKeys}>
          {words("references.next")}
        </p>
      )}
      <p class="small quiet">{words("references.how")}</p>
      {isKept ? (
        <Taken key={rule.id} cameraId={cameraId} ruleId={rule.id} />
      ) : (
        <p class="small is-warn">{words("references.unsaved")}</p>
      )}
    </fieldset>
  );
}

function Taken({ cameraId, ruleId }: { cameraId: Id; ruleId: Id }): JSX.Element {
  const [references, setReferences] = useState<readonly Reference[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isWaiting = references?.some((one) => one.is_wanted) ?? true;
  useEffect(() => {
    if (!isWaiting) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async (): Promise<void> => {
      try {
        const found = await referencesOf(cameraId, ruleId);
        if (!over) setReferences(found);
        if (!over) setProblem(null);
      } catch (error) {
        if (!over) setProblem(Problem.of(error));
      }
      if (!over) timer = setTimeout(() => void look(), LOOKED_AT_EVERY_MS);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [isWaiting]);
  if (problem) return <Fault error={problem} />;
  if (!references) return <div class="skeleton" />;
  const change = (changed: Promise<Reference[]>): void => void changed.then(setReferences, tell);
  return (
    <>
      {!references.some(({ taken_at }) => taken_at) && (
        <p class="small is-warn" data-testid="no-reference">
          {words("references.none")}
        </p>
      )}
      {LIGHTS.map((light) => (
        <OfLight
          key={light}
          light={light}
          reference={references.find((one) => one.light === light)}
          picture={() => pictureOfReference(cameraId, ruleId, light)}
          onTake={() => change(askForReference(cameraId, ruleId, light))}
          onDrop={() => change(dropReference(cameraId, ruleId, light))}
        />
      ))}
    </>
  );
}

function OfLight(props: {
  light: Light;
  reference: Reference | undefined;
  picture: () => Promise<Blob>;
  onTake: () => void;
  onDrop: () => void;
}): JSX.Element {
  const { light, reference } = props;
  const [shown, setShown] = useState<string | null>(null);
  const hide = (): void => setShown(null);
  useEffect(() => (shown ? () => URL.revokeObjectURL(shown) : undefined), [shown]);
  useEffect(hide, [reference?.taken_at]);
  const show = async (): Promise<void> => setShown(URL.createObjectURL(await props.picture()));
  const taken_at = reference?.taken_at ?? null;
  const date = taken_at ? sayWhen(taken_at, now.value, locale.value) : "";
  return (
    <div class="reference" data-testid={`reference-${light}`}>
      <p class="small" role="status" title={taken_at ?? undefined}>
        {words(`light.${light}`)} : {words(`references.${stateOf(reference)}`, { date })}
      </p>
      {shown && <img src={shown} alt={words("references.alt", { light: words(`light.${light}`), date })} />}
      <div class="acts">
        <button type="button" class="button" disabled={reference?.is_wanted} onClick={props.onTake}>
          {words(taken_at ? "references.replace" : "references.take")}
        </button>
        {taken_at && (
          <>
            <button
              type="button"
              class="button"
              aria-pressed={shown !== null}
              onClick={() => (shown ? hide() : void show().catch(tell))}
            >
              {words("references.show")}
            </button>
            <button type="button" class="button" onClick={props.onDrop}>
              {words("references.drop")}
            </button>
          </>
        )}
      </div>
    </div>
  );
}
