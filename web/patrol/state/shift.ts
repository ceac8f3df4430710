/** The shift as the agent has just made it: a press counts here before the server has it. */

import type { Id, Instant } from "../../shared/types.ts";
import type { Duty } from "./duty.ts";
import type { Press } from "./presses.ts";

export type ShiftState =
  | { state: "off" }
  | { state: "on"; unit_id: Id; since: Instant }
  | { state: "break"; unit_id: Id; since: Instant };

export function shiftOf(duty: Duty, presses: readonly Press[]): ShiftState {
  const shift = duty.me?.shift;
  if (!shift) return { state: "off" };
  let now: ShiftState = shift.break_since
    ? { state: "break", unit_id: shift.unit_id, since: shift.break_since }
    : { state: "on", unit_id: shift.unit_id, since: shift.started_at };
  for (const { act, at } of presses) {
    if (act.do === "end-shift") return { state: "off" };
    if (act.do === "break") now = { state: "break", unit_id: shift.unit_id, since: at };
    if (act.do === "resume") now = { state: "on", unit_id: shift.unit_id, since: shift.started_at };
  }
  return now;
}

/** Whether the phone may look where it is: never off shift, never on a break (CNIL). */
export function mayLocate(shift: ShiftState): boolean {
  return shift.state === "on";
}

export function callSignOf(duty: Duty, shift: ShiftState): string {
  if (shift.state === "off") return "";
  return duty.me?.units.find(({ id }) => id === shift.unit_id)?.call_sign ?? "";
}
