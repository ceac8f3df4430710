/** Filming: only the agent starts and stops it (L.241-2), with the threat the law asks for. */

import { effect, signal } from "@preact/signals";
import { query } from "../../shared/api.ts";
import { serverNow } from "../../shared/time.ts";
import type { Threat } from "../../shared/types.ts";
import { Publisher, type PublisherState, type Reception } from "../../shared/webrtc/publisher.ts";
import { play } from "../device/sound.ts";
import { canLight, light, openCamera, otherCamera, type Facing } from "../device/camera.ts";
import { keepScreenOn } from "../device/wake_lock.ts";
import { sayRunning } from "../state/reception.ts";
import { duty, link, shift } from "../state/store.ts";
import { words } from "../words/index.ts";
import { api } from "./api.ts";
import { notify } from "./notices.ts";
import { press } from "./outbox.ts";

export interface Film {
  reason: Threat;
  /** Server's time, ms since the epoch. */
  since: number;
  media: MediaStream;
  publisher: Publisher;
  state: PublisherState;
  reception: Reception | null;
  facing: Facing;
  /** Null where the camera has no light. */
  torch: boolean | null;
  hasSound: boolean;
  /** Another app, or the system, has taken the camera. */
  cameraLost: boolean;
}

export type FilmFault = "denied" | "no-camera" | "busy";

export const film = signal<Film | null>(null);
export const filmFault = signal<FilmFault | null>(null);
export const filmOpening = signal(false);

export async function startFilming(reason: Threat): Promise<void> {
  if (film.value || filmOpening.value) return;
  filmOpening.value = true;
  filmFault.value = null;
  try {
    run(reason, await openCamera("environment"));
  } catch (error) {
    filmFault.value = faultOf(error);
  } finally {
    filmOpening.value = false;
  }
}

export function stopFilming(): void {
  const now = film.value;
  if (!now) return;
  film.value = null;
  keepScreenOn("film", false);
  void now.publisher.stop();
  for (const track of now.media.getTracks()) track.stop();
  const stream_id = now.publisher.streamId;
  // By the outbox too, so that the stream is over at the server whatever the network does.
  if (stream_id) press({ do: "stop-film", stream_id });
  play("FILM_STOPS");
  notify(words("film.stopped", { time: sayRunning(serverNow() - now.since) }));
}

/** Begin another stream for the same reason: the server has ended the one before. */
export async function filmAgain(): Promise<void> {
  const reason = film.value?.reason;
  stopFilming();
  if (reason) await startFilming(reason);
}

export async function switchCamera(): Promise<void> {
  const now = film.value;
  if (!now) return;
  const facing: Facing = now.facing === "environment" ? "user" : "environment";
  try {
    const track = await otherCamera(now.media, facing);
    await now.publisher.replaceTrack("video", track);
    watchTrack(now.media);
    change({ facing, torch: canLight(track) ? false : null, cameraLost: false });
  } catch {
    notify(words("film.oneCamera"), "warn");
    change({ cameraLost: now.media.getVideoTracks()[0]?.readyState !== "live" });
  }
}

export async function switchTorch(): Promise<void> {
  const now = film.value;
  const track = now?.media.getVideoTracks()[0];
  if (!now || !track || now.torch === null) return;
  await light(track, !now.torch);
  change({ torch: !now.torch });
}

/** Follow what may end or hinder a film: the shift, the network, the media process, the camera. */
export function followFilm(): void {
  let starts = duty.value.mediaStarts;
  effect(() => {
    const { mediaStarts } = duty.value;
    if (mediaStarts !== starts) film.peek()?.publisher.renew();
    starts = mediaStarts;
  });
  effect(() => {
    const { stream } = duty.value;
    const publisher = film.peek()?.publisher;
    // Ended at the server while the agent still films: only he stops it, so it goes on.
    if (stream?.ended_at && stream.id === publisher?.streamId) publisher.renew();
  });
  effect(() => {
    if (link.value.phase === "open") film.peek()?.publisher.again();
  });
  effect(() => {
    if (shift.value.state !== "on" && film.peek()) stopFilming();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void takeBack();
  });
}

function run(reason: Threat, media: MediaStream): void {
  const publisher = new Publisher({
    fetch: api.fetch,
    path: (stream) => `/whip${query({ reason, stream })}`,
    media,
    onState: (state) => change({ state }),
    onReception: (reception) => change({ reception }),
  });
  const video = media.getVideoTracks()[0];
  film.value = {
    reason,
    since: serverNow(),
    media,
    publisher,
    state: { phase: "connecting" },
    reception: null,
    facing: "environment",
    torch: video && canLight(video) ? false : null,
    hasSound: media.getAudioTracks().length > 0,
    cameraLost: false,
  };
  watchTrack(media);
  keepScreenOn("film", true);
  play("FILM_STARTS"); // people around hear that they are filmed
  publisher.start();
}

function watchTrack(media: MediaStream): void {
  const track = media.getVideoTracks()[0];
  track?.addEventListener("ended", () => {
    if (film.value?.media.getVideoTracks()[0] === track) change({ cameraLost: true });
  });
}

/** The camera was taken from us while the page was hidden: take it back. */
async function takeBack(): Promise<void> {
  const now = film.value;
  if (!now?.cameraLost) return;
  try {
    const track = await otherCamera(now.media, now.facing);
    await now.publisher.replaceTrack("video", track);
    watchTrack(now.media);
    change({ cameraLost: false });
  } catch {
    // It stays lost, and the page says so.
  }
}

function change(what: Partial<Film>): void {
  if (film.value) film.value = { ...film.value, ...what };
}

function faultOf(error: unknown): FilmFault {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "no-camera";
}
