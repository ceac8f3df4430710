/** What the pages ask of recordings: leave to look, what there is, stills and clips. */

import { query } from "../../shared/api.ts";
import { Problem } from "../../shared/problem.ts";
import type { Id, Instant, Shown } from "../../shared/types.ts";
import { api } from "../intents/api.ts";
import type { Span } from "./timeline.ts";

export const instant = (at: number): Instant => new Date(at).toISOString();
const ms = (at: Instant): number => Date.parse(at);

/** Leave to look at some hours of one source; its motive is in the register. */
export interface Leave extends Span {
  id: Id;
}

/** With `continues` the motive of that playback is this one's too. */
export async function openPlayback(
  shown: Shown,
  hours: Span,
  why: { motive: string; continues: Id | null },
): Promise<Leave> {
  const id = crypto.randomUUID();
  await api.post("/playbacks", {
    sources: [{ source: shown.id, id }],
    starts_at: instant(hours.from),
    ends_at: instant(hours.to),
    ...(why.continues ? { continues: why.continues } : { motive: why.motive }),
  });
  return { id, ...hours };
}

/** `without`: what this browser does not play is asked for in H264. */
export const playlistOf = ({ id }: Leave, without?: "h265"): string =>
  `/api/v1/playbacks/${id}/index.m3u8${query({ without })}`;

export const thumbnailOf = ({ id }: Leave, at: number, width: number): string =>
  `/api/v1/playbacks/${id}/thumbnails${query({ at: instant(at), width })}`;

export interface HeldSpan extends Span {
  id: Id;
}

export interface Mark {
  id: Id;
  what: "alert" | "event";
  kind: string;
  at: number;
}

/** What there is of some hours, without a picture: no motive is asked for. */
export interface Recorded {
  hours: Span;
  spans: Span[];
  holds: HeldSpan[];
  marks: Mark[];
}

interface Hours {
  starts_at: Instant;
  ends_at: Instant;
}

interface RecordedAnswer {
  spans: Hours[];
  holds: (Hours & { id: Id })[];
  alerts: { id: Id; kind: string; at: Instant }[];
  events: { id: Id; kind: string; at: Instant }[];
}

const spanOf = ({ starts_at, ends_at }: Hours): Span => ({ from: ms(starts_at), to: ms(ends_at) });

export async function recordedOf(shown: Shown, hours: Span): Promise<Recorded> {
  const said = await api.get<RecordedAnswer>(
    `/${shown.kind}s/${shown.id}/recorded${query({
      starts_at: instant(hours.from),
      ends_at: instant(hours.to),
    })}`,
  );
  const marks: Mark[] = [
    ...said.events.map(({ id, kind, at }): Mark => ({ id, kind, what: "event", at: ms(at) })),
    ...said.alerts.map(({ id, kind, at }): Mark => ({ id, kind, what: "alert", at: ms(at) })),
  ];
  return {
    hours,
    spans: said.spans.map(spanOf),
    holds: said.holds.map((one) => ({ ...spanOf(one), id: one.id })),
    marks: marks.toSorted((a, b) => a.at - b.at),
  };
}

export interface Neighbour {
  id: Id;
  distance_m: number;
  /** Its recordings may be looked at too. */
  looks_back: boolean;
}

/** Nearest first. */
export const neighboursOf = async (camera: Id): Promise<Neighbour[]> =>
  (await api.get<{ neighbours: Neighbour[] }>(`/cameras/${camera}/neighbours`)).neighbours;

/** One picture as a JPEG; the motive is in the register first. */
export async function takeStill(leave: Leave, at: number, motive: string): Promise<Blob> {
  const response = await api.fetch(`/playbacks/${leave.id}/stills`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ at: instant(at), motive }),
  });
  if (!response.ok) throw await Problem.from(response);
  return response.blob();
}

export interface Clip {
  id: Id;
  state: "waiting" | "making" | "ready" | "failed" | "gone";
  /** 0 to 1. */
  progress: number;
  /** Why it failed; of one that waits, what hinders it. */
  reason: string;
  /** When it is tried again. */
  try_at: Instant | null;
  /** Recorded, and left out: the disk does not give it as it was. */
  damaged: Hours[];
  /** The camera's codec changed: what came from then on is not in it. */
  cut_at: Instant | null;
  few_open_it: boolean;
  /** When it is destroyed here. */
  keep_until: Instant | null;
  size: number | null;
  /** Of the file as it is given out. */
  sha256: string | null;
  url: string;
}

export const makeClip = (leave: Leave, hours: Span, motive: string): Promise<Clip> =>
  api.post<Clip>(`/playbacks/${leave.id}/clips`, {
    id: crypto.randomUUID(),
    starts_at: instant(hours.from),
    ends_at: instant(hours.to),
    motive,
  });

export const clip = (id: Id): Promise<Clip> => api.get<Clip>(`/clips/${id}`);

export const clipManifest = (id: Id): string => `/api/v1/clips/${id}/manifest`;
