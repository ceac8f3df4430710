/** What is asked of the server about a camera's rules. */

import { Problem } from "../../../shared/problem.ts";
import type { Id, Light, Reference, Rule, RuleType } from "../../../shared/types.ts";
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

interface References {
  references: Reference[];
}

export const referencesOf = async (cameraId: Id, ruleId: Id): Promise<Reference[]> =>
  (await api.get<References>(referencesAt(cameraId, ruleId))).references;

/** The first of these rules that is to be compared with a picture, and has none. */
export async function lacksReference(
  cameraId: Id,
  rules: readonly Rule[],
  types: readonly RuleType[],
): Promise<Id | null> {
  const compared = rules.filter(
    ({ kind, in_use }) => in_use && types.some((type) => type.kind === kind && type.needs_reference),
  );
  for (const { id } of compared) {
    const references = await referencesOf(cameraId, id);
    if (!references.some(({ taken_at, is_wanted }) => taken_at || is_wanted)) return id;
  }
  return null;
}

/** Have one taken: it is there some seconds later, or not at all. */
export const askForReference = async (cameraId: Id, ruleId: Id, light: Light): Promise<Reference[]> =>
  (await api.put<References>(`${referencesAt(cameraId, ruleId)}/${light}`, {})).references;

export const dropReference = async (cameraId: Id, ruleId: Id, light: Light): Promise<Reference[]> =>
  (await api.delete<References>(`${referencesAt(cameraId, ruleId)}/${light}`)).references;

/** The picture itself; looking at it is a row of the register. */
export async function pictureOfReference(cameraId: Id, ruleId: Id, light: Light): Promise<Blob> {
  const response = await api.fetch(`${referencesAt(cameraId, ruleId)}/${light}/picture`);
  if (!response.ok) throw await Problem.from(response);
  return response.blob();
}

const referencesAt = (cameraId: Id, ruleId: Id): string =>
  `/cameras/${cameraId}/rules/${ruleId}/references`;
