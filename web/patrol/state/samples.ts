/** Plain things that the tests of this folder are made of. */

import { point } from "../../shared/geo.ts";
import { byId } from "../../shared/store.ts";
import type {
  Guidance,
  MobileAlert,
  MobileIntervention,
  MobileMe,
  PatrolStream,
} from "../../shared/types.ts";
import { EMPTY_DUTY, type Duty } from "./duty.ts";
import type { Act, Press } from "./presses.ts";

export const DEVICE = "device-1";
export const UNIT = "unit-1";
const AT = "2026-11-21T21:00:00.000Z";

export function me(changed: Partial<MobileMe> = {}): MobileMe {
  return {
    device: { id: DEVICE, name: "Téléphone 1", kind: "phone", push: null },
    person: { id: "person-1", name: "Agent 1", locale: "fr" },
    commune: { id: "commune-1", name: "Essai", centre: point(2.35, 48.86), profile: "france" },
    units: [
      {
        id: UNIT,
        commune_id: "commune-1",
        call_sign: "PM 10",
        kind: "police-municipale",
        armed: true,
        disabled_at: null,
      },
    ],
    sees_pictures: true,
    shift: { id: "shift-1", unit_id: UNIT, started_at: AT, break_since: null },
    intervention: null,
    vapid_public_key: null,
    channels: { web_push: { on: true, reason: null }, firebase: { on: false, reason: "off" } },
    ...changed,
  };
}

export function alert(changed: Partial<MobileAlert> = {}): MobileAlert {
  return {
    id: "alert-1",
    kind: "fight",
    service: "police",
    state: "sent",
    point: point(2.36, 48.86),
    place: "Rue Neuve",
    note: "",
    still: false,
    raised_at: AT,
    sent_at: "2026-11-21T21:05:00.000Z",
    camera_id: null,
    camera_streams: null,
    acknowledged_by: null,
    acknowledged_at: null,
    mine: false,
    declined: false,
    intervention_id: null,
    ...changed,
  };
}

export function intervention(changed: Partial<MobileIntervention> = {}): MobileIntervention {
  return {
    id: "intervention-1",
    commune_id: "commune-1",
    alert_id: "alert-1",
    kind: "fight",
    point: point(2.36, 48.86),
    place: "Rue Neuve",
    state: "assigned",
    mine: "assigned",
    created_at: "2026-11-21T21:06:00.000Z",
    closed_at: null,
    report: "",
    assignments: [],
    ...changed,
  };
}

export function guidance(changed: Partial<Guidance> = {}): Guidance {
  return {
    id: "guidance-1",
    commune_id: "commune-1",
    unit_id: UNIT,
    call_sign: "PM 10",
    intervention_id: null,
    point: point(2.37, 48.86),
    place: "Cour",
    text: "Par la cour",
    sent_by: { id: "person-9", name: "Poste" },
    sent_at: "2026-11-21T21:10:00.000Z",
    arrived_at: null,
    read_at: null,
    ...changed,
  };
}

export function stream(changed: Partial<PatrolStream> = {}): PatrolStream {
  return {
    id: "stream-1",
    commune_id: "commune-1",
    device_id: DEVICE,
    unit_id: UNIT,
    call_sign: "PM 10",
    person_id: "person-1",
    reason: "persons-threatened",
    intervention_id: null,
    started_at: AT,
    live: true,
    since: AT,
    received_at: null,
    received_by: null,
    ended_at: null,
    viewers: 0,
    ...changed,
  };
}

type Given = Partial<Omit<Duty, "alerts" | "guidance">> & {
  alerts?: MobileAlert[];
  guidance?: Guidance[];
};

export function onDuty(changed: Given = {}): Duty {
  const { alerts = [], guidance: messages = [], ...rest } = changed;
  return {
    ...EMPTY_DUTY,
    known: true,
    me: me(),
    alerts: byId(alerts),
    guidance: byId(messages),
    ...rest,
  };
}

let seq = 0;
export function pressed(act: Act, changed: Partial<Press> = {}): Press {
  seq += 1;
  return { id: `press-${seq}`, seq, device_id: DEVICE, at: AT, act, ...changed };
}
