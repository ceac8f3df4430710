/** What is worth a sound and a sentence for a screen reader, once. */

import type { Camera, EventKind, Health, Impaired, LiveMessage } from "../../shared/types.ts";
import type { Room } from "./room.ts";

export type Note =
  | { what: "panic" | "alert"; id: string }
  | { what: "stream"; id: string }
  | { what: "camera-down" | "camera-back"; id: string }
  | { what: "impaired"; of: Impaired["what"]; ids: string[] }
  | { what: "suspended"; id: string; kind: EventKind }
  | { what: "accepted" | "unable"; id: string; unitId: string };

/** Compare what was known with what is heard; what was known already is not new. */
export function noteOf(before: Room, message: LiveMessage, myId: string | null): Note | null {
  if (!before.known) return null;
  if (message.type === "health") return noteOfHealth(before.health, message.health);
  if (message.type !== "fact") return null;
  const { alert, stream, camera } = message;
  if (alert) return noteOfAlert(before, alert, myId);
  if (stream?.live && !stream.ended_at && !before.streams.get(stream.id)?.live) {
    return { what: "stream", id: stream.id };
  }
  const was = camera && before.cameras.get(camera.id);
  return was && !camera.disabled_at ? noteOfCamera(was, camera) : null;
}

function noteOfCamera(was: Camera, camera: Camera): Note | null {
  if (was.state && camera.state && was.state.up !== camera.state.up) {
    return { what: camera.state.up ? "camera-back" : "camera-down", id: camera.id };
  }
  const known = was.detection.suspended;
  const news = camera.detection.suspended.find(({ id }) => !known.some((one) => one.id === id));
  return news ? { what: "suspended", id: camera.id, kind: news.kind } : null;
}

/** Those that are told together are one note. */
function noteOfHealth(before: Health | null, { cameras_impaired: now }: Health): Note | null {
  const old = before?.cameras_impaired ?? now;
  const news = now.filter(({ id, what }) => !old.some((one) => one.id === id && one.what === what));
  const [first] = news;
  if (!first) return null;
  const same = news.filter(({ what }) => what === first.what);
  return { what: "impaired", of: first.what, ids: same.map(({ id }) => id) };
}

function noteOfAlert(
  before: Room,
  alert: NonNullable<Extract<LiveMessage, { type: "fact" }>["alert"]>,
  myId: string | null,
): Note | null {
  const known = before.alerts.get(alert.id);
  if (!known) {
    if (alert.kind === "panic") return { what: "panic", id: alert.id };
    return alert.raised_by?.id === myId && myId !== null ? null : { what: "alert", id: alert.id };
  }
  if (!known.acknowledged_by && alert.acknowledged_by) {
    return { what: "accepted", id: alert.id, unitId: alert.acknowledged_by.unit_id };
  }
  const unable = alert.recipients.find(
    ({ unit_id, unable_at }) =>
      unable_at && !known.recipients.find((one) => one.unit_id === unit_id)?.unable_at,
  );
  return unable ? { what: "unable", id: alert.id, unitId: unable.unit_id } : null;
}
