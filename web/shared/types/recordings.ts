/** Recordings: how long they are kept, what is held, what was destroyed. */

import type { Id, Instant } from "./basics.ts";

/** The folder or disk of one commune's recordings on one host. */
export interface Volume {
  id: Id;
  holder: string;
  free_bytes: number;
  total_bytes: number;
  /** Null: old recordings go in time. */
  full_at: Instant | null;
  /** "" when all is well. */
  trouble: string;
  trouble_since: Instant | null;
  /** Segments past their hour that are still there. */
  overdue: number;
  seen_at: Instant;
}

/** What a commune has decided of its recordings. `days` null: nothing is recorded. */
export interface CommuneRecording {
  days: number | null;
  decided_at: Instant | null;
  never_recorded: Id[];
  volumes: Volume[];
  clocks: HostClock[];
}

/** The clock of a host that has volumes; `doubt` null: it is believed. */
export interface HostClock {
  host: string;
  wall: Instant;
  doubt: "jumped" | "behind" | "apart" | "settling" | null;
  /** Ahead: positive. */
  off_s: number;
  doubted_since: Instant | null;
}

export interface Hold {
  id: Id;
  commune_id: Id;
  requisition: string;
  sources: Id[];
  starts_at: Instant;
  ends_at: Instant;
  placed_at: Instant;
  placed_by: Id;
  lifted_at: Instant | null;
  lifted_by: Id | null;
  lifted_because: string;
  /** What it keeps that is still there. */
  segments: number;
  bytes: number;
}

/** `body`: the very text that `signature` is of, by `public_key` (Ed25519, hex). */
export interface Receipt {
  id: Id;
  source: Id;
  day: string;
  count: number;
  bytes: number;
  body: string;
  signature: string;
  public_key: string;
  signed_at: Instant;
}
