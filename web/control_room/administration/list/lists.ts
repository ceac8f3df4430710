/** Lists of cameras, as the server takes them in. */

import { Problem } from "../../../shared/problem.ts";
import type { Id, Instant } from "../../../shared/types.ts";
import { api } from "../../intents/api.ts";
import type { Fault, Verdict } from "./words.ts";

export interface JudgedLine {
  at: number;
  number: number | null;
  name: string;
  verdict: Verdict;
  faults: Fault[];
}

export interface Report {
  import_id: Id | null;
  counts: Record<Verdict, number>;
  lines: JudgedLine[];
}

export interface PastImport {
  id: Id;
  imported_by: string;
  imported_at: Instant;
  cameras: number;
  undone_at: Instant | null;
  recorded: boolean;
}

export interface List {
  format: "csv" | "geojson";
  text: string;
}

/** Tables of French offices are often in Windows' own letters. */
export async function readList(file: File): Promise<List> {
  const bytes = await file.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = new TextDecoder("windows-1252").decode(bytes);
  }
  const isMap = /\.(geo)?json$/i.test(file.name) || text.trimStart().startsWith("{");
  return { format: isMap ? "geojson" : "csv", text };
}

/** 5,000 lines take some seconds. */
export async function takeIn(
  commune: Id,
  list: List,
  order_id: Id | null,
  keep: boolean,
): Promise<Report> {
  const response = await api.fetch(`/communes/${commune}/camera-imports`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...list, order_id, keep }),
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok) throw await Problem.from(response);
  return (await response.json()) as Report;
}

export const pastImports = (commune: Id): Promise<PastImport[]> =>
  api.get(`/communes/${commune}/camera-imports`);

export const undoImport = (commune: Id, id: Id): Promise<{ removed: number; retired: number }> =>
  api.delete(`/communes/${commune}/camera-imports/${id}`);

export const listAddress = (commune: Id, format: List["format"]): string =>
  `${api.base}/communes/${commune}/camera-list?format=${format}`;
