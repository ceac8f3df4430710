/** Which way the phone points while it stands: its compass. When it moves, its receiver knows. */

import { heading, position } from "../state/store.ts";

interface Turned extends DeviceOrientationEvent {
  /** Safari's: degrees from true north, clockwise. */
  webkitCompassHeading?: number;
}
interface Askable {
  requestPermission?: () => Promise<"granted" | "denied">;
}

const STEP_DEG = 3;

/** iOS asks first, and only from a touch. */
export async function askForCompass(): Promise<void> {
  const asks = (globalThis.DeviceOrientationEvent ?? {}) as Askable;
  await asks.requestPermission?.().catch(() => {});
}

export function followCompass(): void {
  const event = "ondeviceorientationabsolute" in window ? "deviceorientationabsolute" : "deviceorientation";
  addEventListener(event, (turned) => take(turned as Turned));
}

function take(turned: Turned): void {
  if (position.value?.heading_deg != null) return; // moving: the receiver's is better
  const degrees = headingOf(turned, screen.orientation?.angle ?? 0);
  if (degrees === null) return;
  const before = heading.value;
  const turn = before === null ? 180 : Math.abs(((degrees - before + 540) % 360) - 180);
  if (turn >= STEP_DEG) heading.value = degrees;
}

/** Degrees clockwise from north, for a phone held as `angle` says; null without a compass. */
export function headingOf(
  turned: Pick<Turned, "alpha" | "absolute" | "webkitCompassHeading">,
  angle: number,
): number | null {
  const { webkitCompassHeading, alpha, absolute } = turned;
  if (typeof webkitCompassHeading === "number") return (webkitCompassHeading + angle) % 360;
  if (alpha === null || !absolute) return null;
  return (360 - alpha + angle) % 360;
}
