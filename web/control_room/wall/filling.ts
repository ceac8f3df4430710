/** Fills the free tiles of the wall: by its key, and by a press in its dialog. */

import { cameras } from "../state/store.ts";
import { changeWall, wall } from "../state/wall_store.ts";
import { words } from "../words/index.ts";
import { fillSight } from "./placement.ts";

/** Hang cameras in the free tiles, in the order of their numbers; say how many. */
export function fillFreeTiles(): string {
  const count = (): number => wall.value.slots.slice(0, wall.value.layout).filter(Boolean).length;
  const before = count();
  changeWall((held) => fillSight(held, cameras.value.map(({ id }) => id)));
  const hung = count() - before;
  return hung > 0 ? words("layouts.filled", { count: hung }) : words("layouts.full");
}
