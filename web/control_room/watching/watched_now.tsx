/** What is watched for on a camera now, in a line, and below it what rests and why. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import type { Camera, Id, RuleNow } from "../../shared/types.ts";
import { readRuleStates } from "../intents/cameras.ts";
import { health } from "../state/store.ts";
import { BehindTag } from "../wall/detection_tags.tsx";
import { tellOf } from "./told.ts";
import { words } from "./words.ts";

/** Hours begin and presets are left without a message of their own. */
const READ_EVERY_MS = 10_000;
const NAMED = 3;

/** The states of a camera's rules, or of all; read anew often, and when `changed` is another. */
export function useRuleStates(of: { camera?: Id }, changed?: unknown): readonly RuleNow[] | null {
  const [states, setStates] = useState<readonly RuleNow[] | null>(null);
  useEffect(() => {
    let isShown = true;
    const read = (): void => {
      readRuleStates(of).then(
        (found) => isShown && setStates(found),
        () => isShown && setStates(null), // what is not known any more is not told
      );
    };
    read();
    const timer = setInterval(read, READ_EVERY_MS);
    return () => {
      isShown = false;
      clearInterval(timer);
    };
  }, [of.camera, changed]);
  return states;
}

interface Props {
  camera: Camera;
  rules: readonly RuleNow[] | null;
}

export function WatchedNow({ camera, rules }: Props): JSX.Element | null {
  if (!rules) return null;
  const { watched, resting, none } = tellOf(camera, rules, health.value);
  return (
    <div class="watched-now" data-testid="watched-now">
      <p>
        {none
          ? words("nothing", { why: words(`none.${none}`) })
          : words("now", { rules: sayRules(watched) })}{" "}
        {!none && <BehindTag id={camera.id} />}
      </p>
      {resting.map(({ why, toMend, rules: those }) => (
        <p key={why} class={toMend ? "small is-warn" : "small quiet"} data-rests={why}>
          {words("because", { rules: sayRules(those), why: words(`rests.${why}`) })}
        </p>
      ))}
    </div>
  );
}

/** For a row of a list: kinds, and how many rest for which reason; the rules by name on hover. */
export function WatchedBriefly({ camera, rules }: Props): JSX.Element | null {
  if (!rules) return null;
  const { watched, resting, none } = tellOf(camera, rules, health.value);
  const kinds = new Set(watched.map(({ kind }) => say(`kind.${kind}`)));
  const reasons = resting.map(({ why, rules: those }) => `${words(`rests.${why}`)} (${those.length})`);
  const warns = resting.some(({ toMend }) => toMend);
  return (
    <div class="watched-now" data-testid="watched-briefly">
      <p>
        {none ? words(`none.${none}`) : [...kinds].join(", ")} {!none && <BehindTag id={camera.id} />}
      </p>
      {resting.length > 0 && (
        <p
          class={warns ? "small is-warn" : "small quiet"}
          title={resting.map(({ rules: those }) => sayRules(those)).join(", ")}
        >
          {words("brief", { reasons: reasons.join(", ") })}
        </p>
      )}
    </div>
  );
}

function sayRules(rules: readonly RuleNow[]): string {
  const said = rules
    .slice(0, NAMED)
    .map(({ kind, name }) => words("rule", { kind: say(`kind.${kind}`), name }));
  if (rules.length > NAMED) said.push(words("more", { count: rules.length - NAMED }));
  return said.join(", ");
}
