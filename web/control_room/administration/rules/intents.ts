/** What is asked of the server about a camera's rules. */

import type { Id, Rule, RuleType } from "../../../shared/types.ts";
import { api } from "../../intents/api.ts";
import type { Head } from "../../ptz/steering.ts";
import { authorisations, type Authorisation } from "../collection.ts";

export interface Setup {
  rules: readonly Rule[];
  types: readonly RuleType[];
  acts: readonly Authorisation[];
  /** Where a camera that turns looks, and the positions it knows; null for one that does not. */
  head: Head | null;
}

export async function setupOf(camera: { id: Id; moves: boolean }): Promise<Setup> {
  const [{ rules }, { types }, head] = await Promise.all([
    api.get<{ rules: Rule[] }>(`/cameras/${camera.id}/rules`),
    api.get<{ types: RuleType[] }>("/rule-types"),
    camera.moves ? headOf(camera.id) : null,
    authorisations.load(),
  ]);
  return { rules, types, acts: authorisations.things, head };
}

export const headOf = (cameraId: Id): Promise<Head | null> =>
  // A camera that does not answer keeps nobody from reading its rules.
  api.get<Head>(`/cameras/${cameraId}/presets`).catch(() => null);

export const goTo = (cameraId: Id, preset: string): Promise<void> =>
  api.post(`/cameras/${cameraId}/ptz/act`, { act: "preset", what: preset });

export const putRules = async (cameraId: Id, rules: readonly Rule[]): Promise<Rule[]> =>
  (await api.put<{ rules: Rule[] }>(`/cameras/${cameraId}/rules`, { rules })).rules;
