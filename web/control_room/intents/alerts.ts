/** What an operator does with an alert. Each act is sent at once and shown when it is answered. */

import { signal } from "@preact/signals";
import { query } from "../../shared/api.ts";
import { say } from "../../shared/i18n/index.ts";
import type {
  Alert,
  Candidate,
  Dismissal,
  EventKind,
  Id,
  Point,
} from "../../shared/types.ts";
import { fault, notify, noWayBack } from "../notices/notices.ts";
import { cursor, me, queue, question, room, selection, take } from "../state/store.ts";
import { words } from "../words/index.ts";
import { api } from "./api.ts";

/** Put an alert under the queue's keys and into the context. */
export function chooseAlert(alert: Alert): void {
  if (cursor.value !== alert.id) {
    question.value = null;
    reasonNote.value = "";
  }
  cursor.value = alert.id;
  selection.value = { kind: "alert", id: alert.id };
}

/** Say that I look at it, so that nobody does the same work beside. */
export async function handle(alert: Alert): Promise<void> {
  if (alert.state !== "raised" || alert.handled_by) return;
  await act(`/alerts/${alert.id}/handling`).catch(() => undefined);
}

export async function confirm(alert: Alert): Promise<void> {
  await shown(async () => {
    await act(`/alerts/${alert.id}/confirmation`);
    question.value = "units";
    notify({
      tone: "done",
      text: words("done.confirmed", { kind: say(`kind.${alert.kind}`) }),
      about: alert.id,
      undo: () => void reopen(alert),
    });
  });
}

/** What is added to the reason of a dismissal, typed before the reason is chosen. */
export const reasonNote = signal("");

export async function dismiss(alert: Alert, reason: Dismissal): Promise<void> {
  await shown(async () => {
    const note = reasonNote.value.trim();
    const next = queue.value[queue.value.findIndex(({ id }) => id === alert.id) + 1];
    await act(`/alerts/${alert.id}/dismissal`, { reason, ...(note ? { note } : {}) });
    reasonNote.value = "";
    question.value = null;
    notify({
      tone: "done",
      text: words("done.dismissed", { reason: say(`dismissal.${reason}`) }),
      undo: () => void reopen(alert),
    });
    if (cursor.value === alert.id) {
      const other = next ?? queue.value[0];
      if (other) chooseAlert(other);
      else cursor.value = null;
    }
  });
}

export async function reopen(alert: Alert): Promise<void> {
  await shown(async () => {
    chooseAlert(await act(`/alerts/${alert.id}/reopening`));
  });
}

export async function send(alert: Alert, unitIds: readonly Id[]): Promise<void> {
  await shown(async () => {
    await act(`/alerts/${alert.id}/sending`, { unit_ids: unitIds });
    question.value = null;
    noWayBack(alert.id);
    const names = unitIds.map((id) => room.value.units.get(id)?.call_sign ?? "").join(", ");
    notify({ tone: "done", text: words("done.sent", { units: names }) });
  });
}

export const resolve = (alert: Alert): Promise<void> =>
  shown(async () => {
    await act(`/alerts/${alert.id}/resolution`);
  });

export const candidatesFor = (alert: Pick<Alert, "id">): Promise<Candidate[]> =>
  api.get<Candidate[]>(`/alerts/${alert.id}/candidates`);

export interface ByHand {
  id: Id;
  commune_id: Id;
  kind: EventKind;
  camera_id?: Id | null;
  point?: Point | null;
  note?: string;
}

/** Raise what one sees oneself: confirmed by its author, so the units come next. */
export async function raise(byHand: ByHand): Promise<void> {
  const alert = await api.post<Alert>("/alerts", byHand);
  take({ alert });
  chooseAlert(alert);
  question.value = "units";
  notify({ tone: "done", text: words("done.raised", { kind: say(`kind.${alert.kind}`) }) });
}

export interface AlertStory {
  history: { at: string; actor_name?: string | null; actor?: string; what: string }[];
}

export const historyOf = async (alert: Pick<Alert, "id">): Promise<AlertStory> =>
  api.get<AlertStory>(`/alerts/${alert.id}`);

/** The event is in the address, so that a later one that joins is not shown from a cache. */
export const stillOf = ({ id, event }: Pick<Alert, "id" | "event">): string =>
  `/api/v1/alerts/${id}/still${query({ event: event?.id })}`;

export function isMine(alert: Alert): boolean {
  return alert.handled_by?.id === me.value?.person.id;
}

async function act(path: string, body: unknown = {}): Promise<Alert> {
  const alert = await api.post<Alert>(path, body);
  take({ alert });
  return alert;
}

/** A refusal is shown; what the server holds comes by the socket, so nothing is put back here. */
async function shown(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    fault(error);
  }
}
