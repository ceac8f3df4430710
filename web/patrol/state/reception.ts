/** What the control room really receives, from what the phone and the server know. Pure. */

import type { PatrolStream } from "../../shared/types.ts";
import type { PublisherState, Reception } from "../../shared/webrtc/publisher.ts";

export type Received = "connecting" | "live" | "poor" | "none" | "refused";

/** The server's word counts over ours: bytes that left are not yet a picture that arrived. */
export function receivedOf(
  publisher: PublisherState,
  reception: Reception | null,
  stream: PatrolStream | null,
): Received {
  if (publisher.phase === "refused") return "refused";
  if (publisher.phase === "connecting") return "connecting";
  if (publisher.phase !== "live") return "none";
  if (stream && stream.id === publisher.streamId && stream.ended_at !== null) return "none";
  if (!reception) return "connecting";
  if (reception.quality === "none") return "none";
  if (stream?.id === publisher.streamId && !stream.live) return "none";
  return reception.quality === "poor" ? "poor" : "live";
}

/** How long it has been running: `0:07`, `12:40`, `1:02:03`. */
export function sayRunning(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const tail = `${pad(seconds % 60)}`;
  if (minutes < 60) return `${minutes}:${tail}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${tail}`;
}
