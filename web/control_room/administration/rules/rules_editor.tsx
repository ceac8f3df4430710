/** A camera's rules: drawn on its still, by mouse, finger or keyboard, with their kinds' numbers. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../../shared/i18n/index.ts";
import { Problem } from "../../../shared/problem.ts";
import type { Camera, Id, Rule, RuleType } from "../../../shared/types.ts";
import { Fault } from "../../../shared/ui/fault.tsx";
import { fault as tell, notify } from "../../notices/notices.ts";
import { may, room } from "../../state/store.ts";
import { Drawing } from "../drawing.tsx";
import { DrawingForm } from "../drawing_form.tsx";
import { stillOfCamera } from "../intents.ts";
import { BackAndForth } from "../step_buttons.tsx";
import { change } from "../steps.ts";
import { useDraft } from "../unsaved.ts";
import { faulty } from "./faulty.ts";
import { goTo, headOf, lacksReference, putRules, setupOf, type Setup } from "./intents.ts";
import { KindPicker } from "./kind_picker.tsx";
import { blank, faultIn, offered } from "./rule_drafts.ts";
import { RuleForm } from "./rule_form.tsx";
import { FaultMark, RuleShape } from "./rule_shapes.tsx";
import { TrialPanel } from "./trial/trial_panel.tsx";
import { words as trial } from "./trial/words.ts";
import { words } from "./words.ts";

export function RulesEditor(props: { camera: Camera; onDone: () => void }): JSX.Element {
  const { camera } = props;
  const [setup, setSetup] = useState<Setup | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    setupOf(camera).then(setSetup, (error: unknown) => setProblem(Problem.of(error)));
  }, [camera.id]);
  if (problem) return <Fault error={problem} />;
  if (!setup) return <div class="skeleton" />;
  const onKept = (rules: readonly Rule[]): void => setSetup({ ...setup, rules });
  return <Editor camera={camera} setup={setup} onKept={onKept} onDone={props.onDone} />;
}

function Editor(props: {
  camera: Camera;
  setup: Setup;
  /** It was saved, and something is left to do. */
  onKept: (rules: readonly Rule[]) => void;
  onDone: () => void;
}): JSX.Element {
  const { camera, setup } = props;
  const draft = useDraft(`rules ${camera.id}`, setup.rules);
  const { steps: drafts, put: setDrafts } = draft;
  const [place, setAt] = useState(0);
  const [point, setPoint] = useState<number | null>(null);
  const [head, setHead] = useState(setup.head);
  const [looks, setLooks] = useState(0);
  const [aspect, setAspect] = useState(16 / 9);
  const [isTrying, setTrying] = useState(false);
  const side = useRef<HTMLDivElement>(null);
  const [next, setNext] = useState<Id | null>(null);
  const { suspended } = (room.value.cameras.get(camera.id) ?? camera).detection;
  const kinds = offered(setup.types, setup.acts, camera.id);
  const rules = drafts.now;
  const at = Math.min(place, rules.length - 1); // one that is undone was the last
  const chosen = rules[at];
  const kind = kinds.find(({ type }) => type.kind === chosen?.kind);
  const fault = chosen ? faultIn(chosen) : null;
  const put = (changed: Rule, moving = false): void =>
    setDrafts(change(drafts, rules.with(at, changed), moving));
  const add = (type: RuleType): void => {
    const number = rules.filter((one) => one.kind === type.kind).length + 1;
    const name = words("new", { kind: say(`kind.${type.kind}`), number });
    const given = { id: crypto.randomUUID(), name, preset: head?.at.preset ?? null };
    setDrafts(change(drafts, [...rules, blank(type, given)]));
    setAt(rules.length);
    // Its zone or line is next.
    side.current?.querySelector<SVGElement>("[role=application]")?.focus();
  };
  const look = async (): Promise<void> => {
    setHead(await headOf(camera.id));
    setLooks(looks + 1);
  };
  const submit = async (): Promise<"stays" | void> => {
    const wrong = rules.findIndex((rule) => faultIn(rule) !== null);
    if (wrong >= 0) {
      setAt(wrong); // its fault is marked at its point
      throw faulty(rules[wrong] as Rule, words("notSaved"));
    }
    const kept = await putRules(camera.id, rules);
    // Whoever can't ask this has saved all the same.
    const lacking = await lacksReference(camera.id, kept, setup.types).catch(() => null);
    if (lacking !== null && lacking !== next) {
      props.onKept(kept);
      draft.goOn(kept);
      setAt(kept.findIndex(({ id }) => id === lacking));
      setNext(lacking);
      return "stays";
    }
    notify({ tone: "done", text: words("saved") });
  };
  // What was drawn on another position's picture means nothing on this one.
  const isHere = (rule: Rule): boolean => !chosen || rule.preset === chosen.preset;
  return (
    <DrawingForm
      testid="rules-form"
      draft={draft}
      onSubmit={submit}
      onDone={props.onDone}
      below={
        <>
          <div class="acts trial-toggle">
            <button
              type="button"
              class="button"
              aria-expanded={isTrying}
              data-testid="trial-open"
              onClick={() => setTrying(!isTrying)}
            >
              {trial(isTrying ? "close" : "open")}
            </button>
          </div>
          {isTrying && <TrialPanel camera={camera} rules={rules} />}
        </>
      }
    >
      <div class="form zone-side" ref={side}>
        <Drawing
          name={camera.name}
          which={`${camera.id} ${looks}`}
          picture={() => stillOfCamera(camera.id, words("motive"))}
          outlines={rules.map((rule) => ({
            points: isHere(rule) ? rule.points : [],
            isLine: rule.shape === "line",
            look: rule.in_use ? "zone" : "zone is-off",
          }))}
          at={at}
          onPoints={(points, moving) => chosen && put({ ...chosen, points }, moving)}
          onPoint={setPoint}
          onAspect={setAspect}
          blank={words("blank")}
        >
          {rules.filter(isHere).map((rule) => (
            <RuleShape
              key={rule.id}
              rule={rule}
              isChosen={rule === chosen}
              aspect={aspect}
              onBearing={(bearing, moving) => put({ ...rule, bearing }, moving)}
            />
          ))}
          {fault && <FaultMark fault={fault} aspect={aspect} />}
        </Drawing>
        <p class="small is-warn" role="status" data-testid="rule-fault">
          {chosen && fault && words("faulty", { name: chosen.name, fault: words(`fault.${fault.what}`) })}
        </p>
        <div class="acts">
          <BackAndForth steps={drafts} onSteps={setDrafts} />
          <button
            type="button"
            class="button"
            disabled={!chosen?.points.length}
            onClick={() =>
              chosen && put({ ...chosen, points: chosen.points.toSpliced(point ?? -1, 1) })
            }
          >
            {words("removePoint")}
          </button>
        </div>
        {chosen?.preset && head && head.at.preset !== chosen.preset && (
          <div class="acts">
            <span class="small is-warn" data-testid="off-preset">
              {words("presetNow")}
            </span>
            {may("move-cameras", camera.commune_id) && (
              <button
                type="button"
                class="button"
                onClick={() => void goTo(camera.id, chosen.preset ?? "").catch(tell)}
              >
                {words("presetGo")}
              </button>
            )}
            <button type="button" class="button" onClick={() => void look()}>
              {words("presetLook")}
            </button>
          </div>
        )}
        <p class="small quiet">{words("how")}</p>
      </div>
      <div class="form">
        <KindPicker kinds={kinds} onPick={add} />
        {rules.length === 0 && <p>{words("none")}</p>}
        {rules.map((rule, i) => (
          <RuleLine
            key={rule.id}
            rule={rule}
            isChosen={i === at}
            onChoose={() => setAt(i)}
            onRemove={() => {
              setDrafts(change(drafts, rules.toSpliced(i, 1)));
              setAt(0);
            }}
          >
            {rule === chosen && kind && (
              <RuleForm
                cameraId={camera.id}
                rule={rule}
                kept={setup.rules.find(({ id }) => id === rule.id)}
                kind={kind}
                isSuspended={suspended.some((one) => one.kind === rule.kind)}
                moves={camera.moves}
                head={head}
                isNext={rule.id === next}
                onChange={put}
              />
            )}
          </RuleLine>
        ))}
      </div>
    </DrawingForm>
  );
}

function RuleLine(props: {
  rule: Rule;
  isChosen: boolean;
  onChoose: () => void;
  onRemove: () => void;
  children: JSX.Element | false | undefined;
}): JSX.Element {
  const { rule, isChosen } = props;
  return (
    <div class={isChosen ? "zone-line chosen" : "zone-line"} data-testid="rule-line">
      <span>
        {rule.name} {!rule.in_use && <span class="tag">{words("off")}</span>}{" "}
        {faultIn(rule) && <span class="tag warn">{words("drawn")}</span>}
      </span>
      {isChosen && <p class="small quiet">{words("chosen")}</p>}
      {props.children}
      <div class="acts">
        <button type="button" class="button" aria-pressed={isChosen} onClick={props.onChoose}>
          {words("choose.one")} <span class="unseen">{rule.name}</span>
        </button>
        <button type="button" class="button" onClick={props.onRemove}>
          {words("remove")} <span class="unseen">{rule.name}</span>
        </button>
      </div>
    </div>
  );
}
