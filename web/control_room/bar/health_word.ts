/** Health in one word, and what stands behind it. Pure. */

import type { Camera, EventKind, Health, Impaired, UnitLive, VolumeAlarm } from "../../shared/types.ts";

export type Trouble =
  | { what: "process"; name: string; since: string }
  | { what: "camera"; id: string; name: string; since: string; reason: string }
  | { what: "outage"; cameras: { id: string; name: string }[]; since: string; network: string | null }
  | { what: "unlawful"; id: string; name: string; reason: string }
  | { what: "phone"; id: string; name: string; since: string }
  | { what: "disk"; freeBytes: number; share: number }
  | { what: "database" }
  | { what: "volume"; alarm: VolumeAlarm }
  | { what: "camera-clock"; id: string; name: string; offset_ms: number; since: string }
  | { what: "clock"; name: string; offset_ms: number }
  | { what: "push"; channel: string; reason: string }
  | { what: "suspension"; id: string; name: string; kind: EventKind; since: string }
  | { what: "behind"; cameras: { id: string; name: string }[]; looks: number; wanted: number }
  | { what: "impaired"; of: Impaired["what"]; cameras: { id: string; name: string; since: string }[] }
  | { what: "order"; number: string; endsAt: string };

export type Word = "unknown" | "good" | "note" | "bad";

/** Without a fix for this long a phone on shift is late. */
export const LATE_FIX_S = 120;
const FULL_DISK = 0.1;
const FULL_DISK_BYTES = 2e9;
/** CNIL's formal notice of December 2021 was about wrong clocks; 100 ms is the project's limit. */
const CLOCK_LIMIT_MS = 100;

export function troublesOf(
  health: Health | null,
  cameras: readonly Camera[],
  units: readonly UnitLive[],
  now: number,
): Trouble[] {
  const late = units.filter(
    ({ shift, position }) =>
      shift &&
      !shift.break_since &&
      now - Date.parse(position?.fixed_at ?? shift.started_at) > LATE_FIX_S * 1000,
  );
  return [
    ...(health ? fromServer(health) : []),
    ...cameras.filter(({ lawful }) => !lawful.ok).map(unlawful),
    ...camerasDown(health, cameras.filter(({ state, lawful }) => lawful.ok && state && !state.up)),
    ...late.map(
      ({ id, call_sign, position, shift }): Trouble => ({
        what: "phone",
        id,
        name: call_sign,
        since: position?.fixed_at ?? shift?.started_at ?? "",
      }),
    ),
  ];
}

export function wordOf(health: Health | null, troubles: readonly Trouble[]): Word {
  if (!health) return "unknown";
  if (troubles.some(({ what }) => what === "process" || what === "database" || what === "disk")) {
    return "bad";
  }
  if (troubles.some((one) => one.what === "volume" && one.alarm.kind !== "filling")) return "bad";
  return troubles.some(({ what }) => what !== "push" && what !== "order") ? "note" : "good";
}

function fromServer(health: Health): Trouble[] {
  const troubles: Trouble[] = health.processes
    .filter(({ up }) => !up)
    .map(({ role, seen_at }) => ({ what: "process", name: role, since: seen_at }));
  if (!health.database.ok) troubles.push({ what: "database" });
  for (const alarm of health.recordings) troubles.push({ what: "volume", alarm });
  const { free_bytes, total_bytes } = health.disk;
  const share = total_bytes > 0 ? free_bytes / total_bytes : 1;
  if (share < FULL_DISK && free_bytes < total_bytes && free_bytes < FULL_DISK_BYTES * 5) {
    troubles.push({ what: "disk", freeBytes: free_bytes, share });
  }
  for (const { role, clock_offset_ms } of health.processes) {
    if (clock_offset_ms !== null && Math.abs(clock_offset_ms) > CLOCK_LIMIT_MS) {
      troubles.push({ what: "clock", name: role, offset_ms: clock_offset_ms });
    }
  }
  for (const { id, number, name, clock } of health.camera_clocks) {
    const { offset_ms, wrong_since } = clock;
    const since = wrong_since ?? clock.read_at;
    troubles.push({ what: "camera-clock", id, name: `${number} ${name}`, offset_ms, since });
  }
  for (const [channel, { on, reason }] of Object.entries(health.push)) {
    if (!on) troubles.push({ what: "push", channel, reason: reason ?? "" });
  }
  for (const { camera_id, number, name, kind, suspended_at } of health.suspensions) {
    const since = suspended_at;
    troubles.push({ what: "suspension", id: camera_id, name: `${number} ${name}`, kind, since });
  }
  const behind = health.cameras_behind;
  const slowest = behind.toSorted((a, b) => a.looks_per_s - b.looks_per_s)[0];
  if (slowest) {
    const cameras = behind.map(({ id, number, name }) => ({ id, name: `${number} ${name}` }));
    const { looks_per_s: looks, wanted_per_s: wanted } = slowest;
    troubles.push({ what: "behind", cameras, looks, wanted });
  }
  for (const sort of ["blinded", "frozen"] as const) {
    const those = health.cameras_impaired.filter(({ what }) => what === sort);
    const cameras = those.map(({ id, number, name, since }) => ({ id, name: `${number} ${name}`, since }));
    if (cameras.length) troubles.push({ what: "impaired", of: sort, cameras });
  }
  for (const { number, ends_at } of health.orders_ending) {
    troubles.push({ what: "order", number, endsAt: ends_at });
  }
  return troubles;
}

/** Those that went down together are one trouble, with their names. */
function camerasDown(health: Health | null, cameras: readonly Camera[]): Trouble[] {
  const alone = new Map(cameras.map((one) => [one.id, one]));
  const together = (health?.outages ?? []).flatMap(({ cameras: ids, since, network }): Trouble[] => {
    const those = ids.flatMap((id) => alone.get(id) ?? []);
    if (those.length < 2) return [];
    for (const { id } of those) alone.delete(id);
    const named = those.map(({ id, number, name }) => ({ id, name: `${number} ${name}` }));
    return [{ what: "outage", cameras: named, since, network }];
  });
  return [...together, ...[...alone.values()].map(down)];
}

const down = ({ id, number, name, state }: Camera): Trouble => ({
  what: "camera",
  id,
  name: `${number} ${name}`,
  since: state?.since ?? "",
  reason: state?.reason ?? "",
});

const unlawful = ({ id, number, name, lawful }: Camera): Trouble => ({
  what: "unlawful",
  id,
  name: `${number} ${name}`,
  reason: lawful.reason ?? "",
});
