/** The cameras around the one that is looked at: each an arrow away, at the same second. */

import type { IconNode } from "lucide";
import type { JSX } from "preact";
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Undo2 } from "lucide";
import { locale } from "../../shared/i18n/index.ts";
import { sayDistance } from "../../shared/geo.ts";
import type { Camera, Id } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { room } from "../state/store.ts";
import { polite } from "../notices/notices.ts";
import { neighboursOf } from "./api.ts";
import { ARROWS, byArrow, type Arrow } from "./compass.ts";
import type { Deck } from "./deck.ts";
import { nameOf } from "./picture.tsx";
import { text } from "./words/index.ts";

type Near = Camera & { distance_m: number };

const around = signal<{ camera: Id; near: readonly Near[] } | null>(null);
const directions = computed<Partial<Record<Arrow, Near>>>(() => {
  const known = around.value;
  const camera = known && room.value.cameras.get(known.camera);
  return known && camera ? byArrow(camera, known.near) : {};
});

const ICONS: Record<Arrow, IconNode> = {
  up: ArrowUp,
  right: ArrowRight,
  down: ArrowDown,
  left: ArrowLeft,
};

/** Walk to the neighbour that lies there; false when there is none. */
export function openedBy(deck: Deck, arrow: Arrow): boolean {
  const there = directions.peek()[arrow];
  if (!there) return false;
  deck.walkTo({ kind: "camera", id: there.id });
  polite.value = nameOf({ kind: "camera", id: there.id });
  return true;
}

export function Neighbours({ deck }: { deck: Deck }): JSX.Element | null {
  const shown = deck.one?.shown;
  const camera = shown?.kind === "camera" ? shown.id : null;
  useEffect(() => {
    around.value = null;
    if (camera) void ask(camera);
  }, [camera]);
  if (!camera) return null;
  const found = ARROWS.flatMap((arrow) => {
    const there = directions.value[arrow];
    return there ? [{ arrow, there }] : [];
  });
  return (
    <nav class="neighbours" aria-label={text("neighbours.title")}>
      {around.value?.camera === camera && found.length === 0 && (
        <span class="small quiet">{text("neighbours.none")}</span>
      )}
      {found.map(({ arrow, there }) => (
        <button
          key={arrow}
          type="button"
          class="button plain"
          data-testid="neighbour"
          data-arrow={arrow}
          title={text("neighbours.go", { name: nameOf({ kind: "camera", id: there.id }) })}
          onClick={() => openedBy(deck, arrow)}
        >
          <Icon node={ICONS[arrow]} />
          <span class="neighbour-name">
            {there.number} {there.name}
          </span>
          <span class="small quiet">{sayDistance(there.distance_m, locale.value)}</span>
        </button>
      ))}
      {deck.path.value.length > 0 && (
        <button
          type="button"
          class="button plain"
          data-testid="walk-back"
          title={`${text("neighbours.back")} (⌫)`}
          onClick={() => deck.walkBack()}
        >
          <Icon node={Undo2} /> {text("neighbours.back")}
        </button>
      )}
    </nav>
  );
}

async function ask(camera: Id): Promise<void> {
  // Without an answer there are no arrows; everything else goes on.
  const said = await neighboursOf(camera).catch(() => []);
  const near = said.flatMap(({ id, distance_m, looks_back }) => {
    const one = room.peek().cameras.get(id);
    return one && looks_back ? [{ ...one, distance_m }] : [];
  });
  around.value = { camera, near };
}
