/** What the room knows, and how each live message changes it. Pure: no clock, no network. */

import { byId, without, withThing, type ById } from "../../shared/store.ts";
import type {
  Alert,
  Camera,
  Guidance,
  Health,
  Id,
  Intervention,
  LiveMessage,
  PatrolStream,
  SharedWall,
  UnitLive,
} from "../../shared/types.ts";

export interface Room {
  /** False until the first snapshot: empty then means "not known yet". */
  known: boolean;
  alerts: ById<Alert>;
  cameras: ById<Camera>;
  interventions: ById<Intervention>;
  units: ById<UnitLive>;
  streams: ById<PatrolStream>;
  guidance: ById<Guidance>;
  walls: ById<SharedWall>;
  health: Health | null;
  /** Grows each time a media process comes up: pictures are asked for anew. */
  mediaStarts: number;
}

export const EMPTY_ROOM: Room = {
  known: false,
  alerts: new Map(),
  cameras: new Map(),
  interventions: new Map(),
  units: new Map(),
  streams: new Map(),
  guidance: new Map(),
  walls: new Map(),
  health: null,
  mediaStarts: 0,
};

export function reduce(room: Room, message: LiveMessage): Room {
  switch (message.type) {
    case "snapshot":
      return {
        ...room,
        known: true,
        alerts: byId(message.alerts),
        cameras: byId(message.cameras),
        interventions: byId(message.interventions),
        units: byId(message.units),
        streams: byId(message.streams),
        guidance: byId(message.guidance),
        walls: byId(message.walls),
      };
    case "fact":
      return withChanged(room, message);
    case "position": {
      const unit = room.units.get(message.unit_id);
      if (!unit || isOlder(message.position.fixed_at, unit.position?.fixed_at)) return room;
      return { ...room, units: withThing(room.units, { ...unit, position: message.position }) };
    }
    case "health":
      return { ...room, health: message.health };
    case "media-started":
      return { ...room, mediaStarts: room.mediaStarts + 1 };
    case "closing":
      return room;
    default:
      // A newer server may say more than this page understands.
      return room;
  }
}

/** A fact carries the whole object that changed, so hearing it twice changes nothing. */
function withChanged(room: Room, changed: Partial<Changed>): Room {
  const next = { ...room };
  if (changed.alert) next.alerts = withThing(room.alerts, changed.alert);
  if (changed.camera) next.cameras = withThing(room.cameras, changed.camera);
  if (changed.intervention) {
    next.interventions = withThing(room.interventions, changed.intervention);
  }
  if (changed.unit) next.units = withThing(room.units, keepFresh(room, changed.unit));
  if (changed.stream) next.streams = withThing(room.streams, changed.stream);
  if (changed.guidance) next.guidance = withThing(room.guidance, changed.guidance);
  if (changed.wall) {
    const { wall } = changed;
    const gone = "removed" in wall;
    next.walls = gone ? without(room.walls, wall.id) : withThing(room.walls, wall);
  }
  return next;
}

export interface Changed {
  alert: Alert;
  camera: Camera;
  intervention: Intervention;
  unit: UnitLive;
  stream: PatrolStream;
  guidance: Guidance;
  wall: SharedWall | { id: Id; removed: true };
}

/** The same for what an answer of the API brings back before the socket says so. */
export function answered(room: Room, changed: Partial<Changed>): Room {
  return withChanged(room, changed);
}

/** Positions come by another way than facts and may be ahead of them. */
function keepFresh(room: Room, unit: UnitLive): UnitLive {
  const known = room.units.get(unit.id)?.position;
  const off = unit.shift === null || unit.shift.break_since !== null;
  if (!known || off || !isOlder(unit.position?.fixed_at, known.fixed_at)) return unit;
  return { ...unit, position: known };
}

function isOlder(instant: string | undefined, than: string | undefined): boolean {
  if (than === undefined) return false;
  return instant === undefined || Date.parse(instant) < Date.parse(than);
}
