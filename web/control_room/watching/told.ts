/** What there is to tell of a camera's rules. Pure. */

import { RESTS, type Camera, type Health, type Rests, type RuleNow } from "../../shared/types.ts";

/** Why no rule is watched: there is none, all rest, or nobody looks. */
export type None = "rules" | "unlawful" | "down" | "detection" | "rest";

export interface Told {
  watched: readonly RuleNow[];
  /** Without what is suspended, which has a tag of its own wherever a camera is shown. */
  resting: readonly { why: Rests; toMend: boolean; rules: readonly RuleNow[] }[];
  none: None | null;
}

/** `health` null: not known yet, and taken to be well. */
export function tellOf(
  camera: Pick<Camera, "id" | "lawful" | "state">,
  rules: readonly RuleNow[],
  health: Pick<Health, "processes"> | null,
): Told {
  const own = rules.filter(({ camera_id }) => camera_id === camera.id);
  const none = noneOf(camera, own, health);
  const resting = RESTS.map((why) => {
    const those = own.filter(({ rests }) => rests === why);
    return { why, toMend: those.some(({ to_mend }) => to_mend), rules: those };
  });
  return {
    watched: none ? [] : own.filter(({ rests }) => rests === null),
    resting: resting.filter((one) => one.rules.length > 0 && one.why !== "suspended"),
    none,
  };
}

function noneOf(
  { lawful, state }: Pick<Camera, "lawful" | "state">,
  rules: readonly RuleNow[],
  health: Pick<Health, "processes"> | null,
): None | null {
  if (rules.length === 0) return "rules";
  if (!lawful.ok) return "unlawful";
  if (!state?.up) return "down";
  const runs = health?.processes.some(({ role, up }) => role === "detect" && up) ?? true;
  if (!runs) return "detection";
  return rules.every(({ rests }) => rests !== null) ? "rest" : null;
}
