/** Small pure helpers for a store of things by their id. */

import type { Id } from "./types.ts";

export type ById<T> = ReadonlyMap<Id, T>;

export function byId<T extends { id: Id }>(things: readonly T[]): ById<T> {
  return new Map(things.map((thing) => [thing.id, thing]));
}

/** The same map with `thing` in its place; the map given is left as it was. */
export function withThing<T extends { id: Id }>(map: ById<T>, thing: T): ById<T> {
  return new Map(map).set(thing.id, thing);
}

export function without<T>(map: ById<T>, id: Id): ById<T> {
  if (!map.has(id)) return map;
  const left = new Map(map);
  left.delete(id);
  return left;
}

/** A value kept in this browser: the layout of a wall, the theme. */
export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(`ilotier.${name}`, JSON.stringify(value));
  } catch {
    // Full or refused: the choice lasts as long as the page.
  }
}

export function kept<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`ilotier.${name}`);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}
