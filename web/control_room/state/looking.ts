/** What is looked back on: asked for from anywhere in the room, opened once its motive is said. */

import { signal } from "@preact/signals";
import { serverNow } from "../../shared/time.ts";
import type { Alert, EventKind, Id, Permission, Shown } from "../../shared/types.ts";
import { may, room, selection, stage } from "./store.ts";
import { wall } from "./wall_store.ts";

/** As many pictures are kept in step. */
export const MOST_PICTURES = 9;
/** A look at what was just seen begins this long ago. */
const AGO_MS = 30_000;
/** What an alert is about began before it was raised. */
const BEFORE_ALERT_MS = 30_000;

export interface Asked {
  sources: readonly Shown[];
  /** The time of day that is in question, ms since the epoch. */
  at: number;
  /** What it is about, for the motive that is offered first. */
  kind: EventKind | null;
}

export interface Looking extends Asked {
  motive: string;
  /** A new one begins anew; the same goes on. */
  id: Id;
}

/** What the dialog asks the motive of. */
export const asked = signal<Asked | null>(null);
export const looking = signal<Looking | null>(null);

/** Ask for the motive, then look; false when there is nothing to look at, or no right to. */
export function lookBack(sources: readonly Shown[], at: number, kind: EventKind | null = null): boolean {
  const mine = sources.filter(mayLookBack).slice(0, MOST_PICTURES);
  if (mine.length === 0) return false;
  asked.value = { sources: mine, at: Math.min(at, serverNow() - 1_000), kind };
  return true;
}

export function begin(what: Asked, motive: string): void {
  asked.value = null;
  looking.value = { ...what, motive, id: crypto.randomUUID() };
  stage.value = "playback";
}

export function communeOf({ kind, id }: Shown): Id | undefined {
  const { cameras, streams } = room.value;
  return (kind === "camera" ? cameras : streams).get(id)?.commune_id;
}

export const mayLookBack = (shown: Shown): boolean => mayDo("view-recordings", shown);

/** Whether this may be done with the recordings of that source. */
export function mayDo(what: Permission, shown: Shown | undefined): boolean {
  const commune = shown && communeOf(shown);
  return commune !== undefined && may(what, commune);
}

export const someTimeAgo = (): number => serverNow() - AGO_MS;

export function beforeAlert(alert: Alert): number {
  return Date.parse(alert.event?.opened_at ?? alert.raised_at) - BEFORE_ALERT_MS;
}

/** What `T` means: what the context is about, else the picture that is selected; `all` of them.
 *
 * `onTile`: the keys are on the wall, and so it is the picture there, whatever the context shows. */
export function lookBackHere(all: boolean, onTile = false): boolean {
  const onWall = stage.value === "wall";
  const { slots, layout, selected } = wall.value;
  if (onWall && all) {
    return lookBack(slots.slice(0, layout).filter((slot) => slot !== null), someTimeAgo());
  }
  const chosen = selection.value;
  const alert = chosen?.kind === "alert" ? room.value.alerts.get(chosen.id) : undefined;
  if (alert && !onTile) return lookBackOnAlert(alert);
  if (chosen?.kind === "intervention" && !onTile) return lookBackOnIntervention(chosen.id);
  const slot = onWall ? slots[selected] : null;
  const inContext = chosen?.kind === "camera" || chosen?.kind === "stream" ? chosen : null;
  const shown = onTile ? (slot ?? inContext) : (inContext ?? slot);
  return shown ? lookBack([{ kind: shown.kind as Shown["kind"], id: shown.id }], someTimeAgo()) : false;
}

export function lookBackOnAlert(alert: Alert): boolean {
  if (alert.camera_id === null) return false;
  return lookBack([{ kind: "camera", id: alert.camera_id }], beforeAlert(alert), alert.kind);
}

/** The camera of the alert that it came from, and what its patrols filmed. */
export function sourcesOfIntervention(id: Id): Shown[] {
  const { interventions, alerts, streams } = room.value;
  const intervention = interventions.get(id);
  const alert = intervention?.alert_id ? alerts.get(intervention.alert_id) : undefined;
  const camera: Shown[] = alert?.camera_id ? [{ kind: "camera", id: alert.camera_id }] : [];
  const filmed = [...streams.values()].filter((one) => one.intervention_id === id);
  return [...camera, ...filmed.map((one): Shown => ({ kind: "stream", id: one.id }))];
}

export function lookBackOnIntervention(id: Id): boolean {
  const intervention = room.value.interventions.get(id);
  if (!intervention) return false;
  const alert = intervention.alert_id ? room.value.alerts.get(intervention.alert_id) : undefined;
  const at = alert ? beforeAlert(alert) : Date.parse(intervention.created_at) - BEFORE_ALERT_MS;
  return lookBack(sourcesOfIntervention(id), at, intervention.kind);
}
