/** What administrators and supervisors ask of the server beside adding and changing. */

import { query } from "../../shared/api.ts";
import { Problem } from "../../shared/problem.ts";
import type { Camera, Health, Id, Instant } from "../../shared/types.ts";
import { api } from "../intents/api.ts";
import {
  authorisations,
  devices,
  people,
  Collection,
  type Authorisation,
  type Convention,
  type Person,
} from "./collection.ts";

/** Cameras as who manages them sees them: with addresses, and those out of use. */
export const keptCameras = new Collection<Camera>("/cameras");

export interface Checked {
  ok: boolean;
  reason: string | null;
  codec: string | null;
  /** A JPEG in base64. */
  still: string | null;
}

export const checkCamera = (given: {
  main_url: string;
  username?: string;
  password?: string;
}): Promise<Checked> =>
  // Opening a camera takes 2 to 4 s, and a silent one is given more before it is given up.
  api.fetch("/cameras/check", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
    signal: AbortSignal.timeout(30_000),
  }).then(async (response) => {
    if (!response.ok) throw await Problem.from(response);
    return (await response.json()) as Checked;
  });

export async function disableCamera(id: Id): Promise<void> {
  await api.delete(`/cameras/${id}`);
  await keptCameras.load();
}

/** The camera's picture now; looking at it is a row of the register. */
export async function stillOfCamera(cameraId: Id, motive: string): Promise<Blob> {
  const response = await api.fetch(`/cameras/${cameraId}/still${query({ motive })}`);
  if (!response.ok) throw await Problem.from(response);
  return response.blob();
}

export interface EnrolmentCode {
  code: string;
  url: string;
  qr_svg: string;
  expires_at: Instant;
}

export const enrolmentCode = (deviceId: Id): Promise<EnrolmentCode> =>
  api.post<EnrolmentCode>(`/devices/${deviceId}/enrolment-code`);

export async function revokeDevice(id: Id): Promise<void> {
  await api.delete(`/devices/${id}`);
  await devices.load();
}

export interface PasswordLink {
  url: string;
  expires_at: Instant;
}

export const passwordLink = (personId: Id): Promise<PasswordLink> =>
  api.post<PasswordLink>(`/people/${personId}/password-link`);

export async function addHabilitation(personId: Id, body: object): Promise<void> {
  people.put(await api.post<Person>(`/people/${personId}/habilitations`, body));
}

export async function revokeHabilitation(personId: Id, id: Id): Promise<void> {
  people.put(await api.delete<Person>(`/people/${personId}/habilitations/${id}`));
}

export const endSessions = (personId: Id): Promise<void> =>
  api.delete<void>(`/people/${personId}/sessions`);

export const conventionsOf = (communeId: Id): Promise<Convention[]> =>
  api.get<Convention[]>(`/communes/${communeId}/conventions`);

export const addConvention = (communeId: Id, body: object): Promise<Convention> =>
  api.post<Convention>(`/communes/${communeId}/conventions`, body);

export const endConvention = (id: Id): Promise<void> => api.delete<void>(`/conventions/${id}`);

export async function revokeAuthorisation(id: Id): Promise<void> {
  authorisations.put(await api.post<Authorisation>(`/authorisations/${id}/revocation`, {}));
}

/** One file to keep, without scripts; taking it is a row of the register. */
export async function evaluationOf(id: Id, language: "fr" | "en"): Promise<Blob> {
  const response = await api.fetch(`/authorisations/${id}/evaluation${query({ language })}`);
  if (!response.ok) throw await Problem.from(response);
  return response.blob();
}

export interface Entry {
  number: number;
  at: Instant;
  actor: string;
  actor_name: string | null;
  action: string;
  about: string;
  motive: string;
  data: Record<string, unknown>;
  hash: string;
}

export const readRegister = (
  commune: Id,
  before: number | null,
): Promise<{ entries: Entry[]; head: string }> =>
  api.get(`/register${query({ commune, before, limit: 100 })}`);

export interface Verification {
  checked: number;
  holds: boolean;
  broken_at: number | null;
  reason: string;
  head: string;
}

export const verifyRegister = (): Promise<Verification> =>
  api.post<Verification>("/register/verification");

export const readHealth = (): Promise<Health> => api.get<Health>("/health");
