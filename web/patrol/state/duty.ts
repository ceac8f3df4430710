/** What the phone knows, and how each live message changes it. Pure: no clock, no network. */

import { byId, withThing, without, type ById } from "../../shared/store.ts";
import type {
  DeviceMessage,
  Guidance,
  Id,
  MobileAlert,
  MobileIntervention,
  MobileMe,
  PatrolStream,
} from "../../shared/types.ts";

export interface Duty {
  /** False until the first snapshot, kept or fresh: empty then means "not known yet". */
  known: boolean;
  me: MobileMe | null;
  alerts: ById<MobileAlert>;
  intervention: MobileIntervention | null;
  guidance: ById<Guidance>;
  /** This phone's own stream, as the control room sees it. */
  stream: PatrolStream | null;
  /** Grows each time a media process comes up: pictures are asked for anew. */
  mediaStarts: number;
}

export const EMPTY_DUTY: Duty = {
  known: false,
  me: null,
  alerts: new Map(),
  intervention: null,
  guidance: new Map(),
  stream: null,
  mediaStarts: 0,
};

/** Objects whole, from a fact or from an answer of the API; hearing one twice changes nothing. */
export interface Changed {
  me: MobileMe;
  alert: MobileAlert;
  intervention: MobileIntervention;
  guidance: Guidance;
  stream: PatrolStream;
}

export function reduce(duty: Duty, message: DeviceMessage): Duty {
  switch (message.type) {
    case "snapshot":
      return {
        ...duty,
        known: true,
        me: message.me,
        alerts: byId(message.alerts),
        intervention: message.intervention,
        guidance: byId(message.guidance),
      };
    case "fact":
      return answered(duty, message);
    case "media-started":
      return { ...duty, mediaStarts: duty.mediaStarts + 1 };
    default:
      // A newer server may say more than this page understands.
      return duty;
  }
}

export function answered(duty: Duty, changed: Partial<Changed>): Duty {
  const next = { ...duty };
  if (changed.me) {
    next.known = true;
    next.me = changed.me;
    next.intervention = changed.me.intervention;
    if (!changed.me.shift) {
      next.alerts = new Map();
      next.guidance = new Map();
    }
  }
  if (changed.alert) next.alerts = withAlert(duty.alerts, changed.alert);
  if (changed.intervention) {
    next.intervention = withIntervention(next.intervention, changed.intervention);
  }
  if (changed.guidance) next.guidance = withThing(duty.guidance, changed.guidance);
  if (changed.stream && changed.stream.device_id === duty.me?.device.id) {
    next.stream = newer(duty.stream, changed.stream);
  }
  return next;
}

function withAlert(alerts: ById<MobileAlert>, alert: MobileAlert): ById<MobileAlert> {
  const over = alert.state === "resolved" || alert.state === "dismissed";
  return over ? without(alerts, alert.id) : withThing(alerts, alert);
}

function withIntervention(
  current: MobileIntervention | null,
  changed: MobileIntervention,
): MobileIntervention | null {
  const over = changed.closed_at !== null || changed.mine === "closed" || changed.mine === null;
  if (!over) return changed;
  return current?.id === changed.id ? null : current;
}

/** An older stream's last words must not replace the one that runs. */
function newer(current: PatrolStream | null, changed: PatrolStream): PatrolStream {
  if (!current || current.id === changed.id) return changed;
  return Date.parse(changed.started_at) >= Date.parse(current.started_at) ? changed : current;
}

/** The newest first. */
export function byAge<T extends { id: Id }>(things: ById<T>, at: (thing: T) => string): T[] {
  return [...things.values()].toSorted((a, b) => at(b).localeCompare(at(a)));
}
