/** While a camera is dragged on the map: the tiles of the wall, small, to drop it on. */

import type { JSX } from "preact";
import { room } from "../state/store.ts";
import { wall } from "../state/wall_store.ts";
import { dragging, takesDrop } from "../wall/dragging.ts";
import { words } from "../words/index.ts";

export function DropStrip(): JSX.Element | null {
  if (!dragging.value) return null;
  const { layout, slots } = wall.value;
  return (
    <section class="drop-strip" aria-label={words("map.drop")} data-testid="drop-strip">
      <p>{words("map.drop")}</p>
      <ul class={`wall-grid of-${layout}`}>
        {slots.slice(0, layout).map((shown, slot) => {
          const camera = shown && room.value.cameras.get(shown.id);
          const stream = shown && room.value.streams.get(shown.id);
          return (
            <li
              key={slot}
              data-slot-target={slot}
              {...takesDrop(slot)}
            >
              {camera ? (
                <>
                  <strong>{camera.number}</strong> <span>{camera.name}</span>
                </>
              ) : (
                (stream?.call_sign ?? words("tile.empty"))
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
