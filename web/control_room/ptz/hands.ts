/** What hands do, as speeds: keys held, a mouse drawn from where it was pressed, a stick. Pure. */

export interface Velocity {
  pan: number;
  tilt: number;
  zoom: number;
}

export const STILL: Velocity = { pan: 0, tilt: 0, zoom: 0 };
export const isStill = ({ pan, tilt, zoom }: Velocity): boolean =>
  pan === 0 && tilt === 0 && zoom === 0;

const KEYS: Record<string, Velocity> = {
  ArrowLeft: { pan: -1, tilt: 0, zoom: 0 },
  ArrowRight: { pan: 1, tilt: 0, zoom: 0 },
  ArrowUp: { pan: 0, tilt: 1, zoom: 0 },
  ArrowDown: { pan: 0, tilt: -1, zoom: 0 },
  PageUp: { pan: 0, tilt: 0, zoom: 1 },
  PageDown: { pan: 0, tilt: 0, zoom: -1 },
  "+": { pan: 0, tilt: 0, zoom: 1 },
  "-": { pan: 0, tilt: 0, zoom: -1 },
};
/** Half the way; with Shift all of it. The server shapes it: a half is a fifth of the speed. */
const HALF = 0.6;

export const isMoveKey = (key: string): boolean => key in KEYS;

export function ofKeys(held: ReadonlySet<string>, fast: boolean): Velocity {
  const size = fast ? 1 : HALF;
  return [...held].reduce((sum, key) => added(sum, scaled(KEYS[key] ?? STILL, size)), STILL);
}

/** A mouse drawn from where it was pressed: a third of the picture's height is full speed. */
export function ofDrag(dx_px: number, dy_px: number, height_px: number): Velocity {
  const full = height_px / 3;
  return { pan: within(dx_px / full), tilt: within(-dy_px / full), zoom: 0 };
}

/** How far to turn so that what was pressed comes to the middle: parts of the whole way. */
export function ofPress(
  x: number,
  y: number,
  field_of_view_deg: number,
): { pan: number; tilt: number } {
  // The generic space goes from -1 to 1 over 360 degrees; a picture is 16:9.
  const across = field_of_view_deg / 180;
  return { pan: within((x - 0.5) * across), tilt: within((0.5 - y) * across * (9 / 16)) };
}

export interface Stick {
  axes: readonly number[];
}

const REST = 0.08;

/** A joystick or a pad: the first two axes turn, the third (a twist) or the fourth zooms. */
export function ofStick({ axes }: Stick): Velocity {
  const at = (index: number): number => {
    const value = axes[index] ?? 0;
    return Number.isFinite(value) && Math.abs(value) > REST ? within(value) : 0;
  };
  // A pad's right stick points up with less than nothing; a joystick's twist is the third axis.
  const zoom = axes.length > 3 ? -at(3) : at(2);
  return { pan: at(0), tilt: negated(at(1)), zoom: negated(negated(zoom)) };
}

const negated = (value: number): number => (value === 0 ? 0 : -value);
const within = (value: number): number => Math.max(-1, Math.min(1, value));
const scaled = (one: Velocity, by: number): Velocity => ({
  pan: one.pan * by,
  tilt: one.tilt * by,
  zoom: one.zoom * by,
});
const added = (a: Velocity, b: Velocity): Velocity => ({
  pan: within(a.pan + b.pan),
  tilt: within(a.tilt + b.tilt),
  zoom: within(a.zoom + b.zoom),
});
