/** Cameras by ONVIF, as the server tells of them. */

import { Problem } from "../../../shared/problem.ts";
import type { Id } from "../../../shared/types.ts";
import { api } from "../../intents/api.ts";
import type { Trouble } from "./words.ts";

export interface FoundCamera {
  id: string;
  address: string;
  name: string;
  hardware: string;
}

export interface SearchResult {
  reason: Trouble | null;
  interfaces: string[];
  found: FoundCamera[];
}

export interface StreamOffer {
  token: string;
  name: string;
  codec: string;
  width: number;
  height: number;
  rate: number | null;
  url: string;
  moves: boolean;
}

export interface CameraSays {
  manufacturer: string;
  model: string;
  firmware: string;
  serial: string;
  streams: StreamOffer[];
  has_ptz: boolean;
  has_events: boolean;
  has_loudspeaker: boolean;
}

export interface Described {
  reason: Trouble | null;
  camera: CameraSays | null;
  main: string | null;
  sub: string | null;
}

export interface CameraClock {
  reason: Trouble | null;
  offset_ms: number | null;
  uncertainty_ms: number | null;
  alarming: boolean;
}

/** Whom to ask: `username` and `password` are left out where there are none. */
export interface Visit {
  address: string;
  username?: string;
  password?: string;
}

/** What is kept beside a camera so that it can be asked again. */
export interface Abilities {
  address: string;
  profile: string;
  model: string;
  has_ptz: boolean;
  has_events: boolean;
  has_loudspeaker: boolean;
}

/** A camera that does not answer is given up by the server after 15 s. */
async function ask<T>(path: string, body: object): Promise<T> {
  const response = await api.fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw await Problem.from(response);
  return (await response.json()) as T;
}

export const searchCameras = (on: string | null): Promise<SearchResult> =>
  ask("/onvif/search", on === null ? {} : { interface: on });

export const describeCamera = (visit: Visit): Promise<Described> =>
  ask("/onvif/description", visit);

/** A camera that is there already, with the password that is kept. */
export const describeKept = (id: Id, address: string): Promise<Described> =>
  ask(`/cameras/${id}/onvif/description`, { address });

export const clockOfCamera = (visit: Visit): Promise<CameraClock> => ask("/onvif/clock", visit);

/** What is to be kept of what a camera says, for the stream that is shown. */
export function abilitiesOf(address: string, camera: CameraSays, stream: StreamOffer): Abilities {
  return {
    address,
    profile: stream.token,
    model: `${camera.manufacturer} ${camera.model}`.trim(),
    has_ptz: camera.has_ptz && stream.moves,
    has_events: camera.has_events,
    has_loudspeaker: camera.has_loudspeaker,
  };
}

export const keepAbilities = (id: Id, abilities: Abilities): Promise<void> =>
  api.put<void>(`/cameras/${id}/onvif`, abilities);
