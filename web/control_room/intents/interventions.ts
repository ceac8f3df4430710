/** Interventions and guidance: what a dispatcher notes and sends. */

import type {
  EventKind,
  Guidance,
  Id,
  Intervention,
  PatrolStream,
  Point,
  StepState,
} from "../../shared/types.ts";
import { fault, notify } from "../notices/notices.ts";
import { selection, take } from "../state/store.ts";
import { words } from "../words/index.ts";
import { api } from "./api.ts";

export async function openIntervention(given: {
  id: Id;
  commune_id: Id;
  kind: EventKind;
  point?: Point | null;
  place?: string;
}): Promise<Intervention> {
  const intervention = await api.post<Intervention>("/interventions", given);
  take({ intervention });
  selection.value = { kind: "intervention", id: intervention.id };
  return intervention;
}

export async function assign(intervention: Intervention, unitIds: Id[]): Promise<void> {
  await note(intervention, `/units`, { unit_ids: unitIds });
}

/** Note what a unit said by radio. */
export async function heardByRadio(
  intervention: Intervention,
  unitId: Id,
  state: StepState,
): Promise<void> {
  await note(intervention, `/units/${unitId}/state`, { state });
}

export async function closeIntervention(intervention: Intervention, report: string): Promise<void> {
  const body = report.trim() ? { report: report.trim() } : {};
  if (await note(intervention, "/closing", body)) {
    notify({ tone: "done", text: words("done.closed") });
  }
}

async function note(intervention: Intervention, path: string, body: unknown): Promise<boolean> {
  try {
    const changed = await api.post<Intervention>(`/interventions/${intervention.id}${path}`, body);
    take({ intervention: changed });
    return true;
  } catch (error) {
    fault(error);
    return false;
  }
}

/** Send a unit a point, a text, or both. The id is made here: a second press sends nothing new. */
export async function guide(
  unitId: Id,
  message: { id: Id; point?: Point | null; text?: string; intervention_id?: Id | null },
): Promise<void> {
  const guidance = await api.post<Guidance>(`/units/${unitId}/guidance`, message);
  take({ guidance });
  notify({ tone: "done", text: words("done.guided", { unit: guidance.call_sign }) });
}

export async function receive(stream: PatrolStream): Promise<void> {
  try {
    take({ stream: await api.post<PatrolStream>(`/streams/${stream.id}/reception`) });
  } catch (error) {
    fault(error);
  }
}
