/** What detection sees on a camera, line by line, while somebody tunes its rules. */

import { query } from "../../../../shared/api.ts";
import { Problem } from "../../../../shared/problem.ts";
import type { EventKind, Id, Instant, Rests, Rule } from "../../../../shared/types.ts";
import { api } from "../../../intents/api.ts";
import { linesOf } from "./lines.ts";

/** Left, top, right, bottom as shares of the picture. */
export type Sides = readonly [number, number, number, number];

export interface SeenThing {
  track: number | null;
  class: "person" | "bicycle" | "car" | "motorcycle" | "bus" | "truck";
  confidence: number;
  box: Sides;
}

export interface Look {
  at: Instant;
  /** Its picture's RTP timestamp: that of the video beside it, as long as both are one stream's. */
  timestamp: number | null;
  per_s: number | null;
  /** What the motion gate says; null where no rule asks to be shown tracks. */
  gate: "first" | "still" | "moved" | "light-changed" | null;
  /** Where something moved. */
  regions: Sides[];
  tracks: SeenThing[];
  /** Followed, not seen now, and not seen to leave: where each was last. */
  unseen: SeenThing[];
  left_things: Sides[];
  /** `share`: how well it agrees with the measure, 0 to 1. */
  flames: { share: number; box: Sides }[];
  /** What a model that the town supplied says, by its own label. */
  findings: { label: string; share: number; box: Sides }[];
  preset: string | null;
  rules: WatchedRule[];
}

/** As it is watched, which is not always as it is being drawn. */
export interface WatchedRule {
  id: Id;
  name: string;
  kind: EventKind;
  shape: Rule["shape"];
  points: Rule["points"];
  doing: "rests" | "watches" | "counts" | "open";
  /** The share of its zone that differs from its empty state; null: nothing compares it. */
  changed: number | null;
  rests: Rests | null;
}

/**
 * Tells of looks until the server ends it, and throws the problem that ended it. Of those that
 * came at once, the newest alone is told of.
 */
export async function followLooks(
  cameraId: Id,
  motive: string,
  onLook: (look: Look) => void,
  signal: AbortSignal,
): Promise<never> {
  const response = await api.fetch(`/cameras/${cameraId}/looks${query({ motive })}`, { signal });
  if (!response.ok || !response.body) throw await Problem.from(response);
  try {
    for await (const lines of linesOf(response.body)) {
      const newest = lines.findLast((line) => line !== "");
      if (!newest) continue;
      const told = JSON.parse(newest) as Look | { over: string };
      if ("over" in told) throw over(told.over);
      onLook(told);
    }
  } catch (error) {
    throw error instanceof Problem ? error : Problem.offline();
  }
  throw over("not-watched");
}

const over = (code: string): Problem =>
  new Problem({ type: `/problems/${code}`, title: code, status: 403 });
