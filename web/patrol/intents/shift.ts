/** Taking the shift up, breaks, and its end. */

import type { Id, MobileMe } from "../../shared/types.ts";
import { answered } from "../state/duty.ts";
import { duty } from "../state/store.ts";
import { allowSound } from "../device/sound.ts";
import { api } from "./api.ts";
import { press } from "./outbox.ts";

/** The PIN is checked by the server, so this alone needs the network; throws `Problem`. */
export async function beginShift(unit_id: Id, pin: string): Promise<void> {
  allowSound();
  const me = await api.post<MobileMe>("/mobile/shift", { id: crypto.randomUUID(), unit_id, pin });
  duty.value = answered(duty.value, { me });
}

export function takeBreak(): void {
  press({ do: "break" });
}

export function resume(): void {
  press({ do: "resume" });
}

export function endShift(): void {
  press({ do: "end-shift" });
}

