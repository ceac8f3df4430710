/** What is asked of the server about masks. */

import { query } from "../../../shared/api.ts";
import { Problem } from "../../../shared/problem.ts";
import type { CameraMasking, Id } from "../../../shared/types.ts";
import { api } from "../../intents/api.ts";
import { keptCameras } from "../intents.ts";
import type { Draft } from "./drafts.ts";

export const maskingOf = (cameraId: Id): Promise<CameraMasking> =>
  api.get<CameraMasking>(`/cameras/${cameraId}/masks`);

/** `after`: the version that was seen, so that two who decide at once are told. */
export async function decide(cameraId: Id, draft: Draft, after: number): Promise<CameraMasking> {
  const decided = await api.put<CameraMasking>(`/cameras/${cameraId}/masks`, { ...draft, after });
  await keptCameras.load();
  return decided;
}

/** One picture without masks: the camera is opened for it, which takes some seconds. */
export async function barePicture(cameraId: Id, motive: string): Promise<Blob> {
  const response = await api.fetch(`/cameras/${cameraId}/masks/picture${query({ motive })}`, {
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw await Problem.from(response);
  return response.blob();
}
