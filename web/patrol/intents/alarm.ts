/** The agent is in danger: the control room is told at once, with the best place there is. */

import { serverNow } from "../../shared/time.ts";
import type { Position } from "../../shared/types.ts";
import { vibrate } from "../device/sound.ts";
import { alarm, position } from "../state/store.ts";
import { press } from "./outbox.ts";
import { whereNow } from "./positions.ts";

/** An alarm without a place waits this long for one, no longer. */
const PLACE_WITHIN_MS = 1_500;

export async function raiseAlarm(): Promise<void> {
  vibrate([400]);
  const id = crypto.randomUUID();
  alarm.value = { id, at: new Date(serverNow()).toISOString(), arrived_at: null };
  const where: Position | null = position.value ?? (await whereNow(PLACE_WITHIN_MS));
  press({
    do: "alarm",
    alarm_id: id,
    point: where?.point ?? null,
    fixed_at: where?.fixed_at ?? null,
  });
}

export function dismissAlarm(): void {
  alarm.value = null;
}
