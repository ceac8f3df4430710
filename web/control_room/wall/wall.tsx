/** The wall: 1, 4, 9 or 16 pictures, one of them selected, or alone. */

import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { room, motive } from "../state/store.ts";
import { changeWall, upcoming, wall } from "../state/wall_store.ts";
import { words } from "../words/index.ts";
import { Driving } from "./driving.tsx";
import { LAYOUTS, withLayout, isolate } from "./placement.ts";
import { RotationButton } from "./rotation_button.tsx";
import { Tile } from "./tile.tsx";

/** A look at one picture is often short: the others go on behind it for this long. */
const BEHIND_MS = 10_000;

/** Whether the selected tile shows what is measured of its picture. */
export const statisticsShown = signal(false);

export function WallView(): JSX.Element {
  const { layout, isolated } = wall.value;
  return (
    <div class="wall">
      <div class="wall-tools" role="toolbar" aria-label={words("wall.tools")}>
        <div class="group" role="group" aria-label={words("wall.layout")}>
          {LAYOUTS.map((one) => (
            <button
              key={one}
              type="button"
              class="button"
              aria-pressed={layout === one && isolated === null}
              aria-label={words("wall.pictures", { count: one })}
              data-testid={`layout-${one}`}
              onClick={() => changeWall((held) => withLayout(held, one))}
            >
              {one}
            </button>
          ))}
        </div>
        <RotationButton />
        <Driving />
        {isolated !== null && (
          <button
            type="button"
            class="button"
            data-testid="leave-isolation"
            onClick={() => changeWall(isolate)}
          >
            {words("wall.back")} <kbd>F</kbd>
          </button>
        )}
        <label class="wall-motive">
          <span class="small quiet">{words("wall.motive")}</span>
          <input
            class="input"
            aria-label={words("wall.motive")}
            value={motive.value}
            placeholder={words("wall.motiveDefault")}
            maxLength={120}
            onChange={(event) => (motive.value = event.currentTarget.value.trim())}
          />
        </label>
      </div>
      {!room.value.known ? <div class="skeleton stage-skeleton" /> : <WallGrid />}
    </div>
  );
}

/** The pictures themselves; `driven`: on a wall computer, where nothing is selected. */
export function WallGrid({ driven = false }: { driven?: boolean }): JSX.Element {
  const { layout, slots, selected, isolated, pinned, rotation } = wall.value;
  const count = isolated === null ? layout : 1;
  const goOn = useBehind(isolated);
  const shown = isolated === null || goOn ? [...slots.slice(0, layout).keys()] : [isolated];
  return (
    <div class="wall-screen">
      <ul class={`wall-grid of-${count}`} aria-label={words("stage.wall")}>
        {shown.map((slot) => (
          <Tile
            key={slot}
            slot={slot}
            shown={slots[slot] ?? null}
            next={upcoming.value[slot] ?? null}
            behind={isolated !== null && slot !== isolated}
            selected={!driven && slot === selected}
            pinned={rotation !== null && rotation.started_at !== null && pinned.includes(slot)}
            statistics={!driven && statisticsShown.value && slot === selected}
            driven={driven}
          />
        ))}
      </ul>
    </div>
  );
}

/** Whether the other pictures still go on behind the one that is alone. */
function useBehind(isolated: number | null): boolean {
  const [goOn, setGoOn] = useState(isolated === null);
  useEffect(() => {
    if (isolated === null) {
      setGoOn(true);
      return undefined;
    }
    const timer = setTimeout(() => setGoOn(false), BEHIND_MS);
    return () => clearTimeout(timer);
  }, [isolated]);
  return goOn;
}
