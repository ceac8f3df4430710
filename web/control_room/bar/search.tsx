/** Search, `/`: cameras, units, interventions and places; Enter brings the first one up. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { Search as SearchIcon } from "lucide";
import { Icon } from "../../shared/ui/icon.tsx";
import { findPlaces, type Place } from "../intents/places.ts";
import { goTo } from "../map/view_point.ts";
import { bring } from "../wall/placement.ts";
import { cameras, interventions, may, selection, stage, units } from "../state/store.ts";
import { changeWall, wall } from "../state/wall_store.ts";
import { words } from "../words/index.ts";
import { matches, type Hit } from "./matches.ts";

const typed = signal("");
let field: HTMLInputElement | null = null;
/** What had the focus before: it has it again, so that the next key is about the same thing. */
let before: HTMLElement | null = null;
const hold = (element: HTMLInputElement | null): void => {
  field = element;
};

/** Focus the field, starting with `text`. At once: the next key, Enter perhaps, is the field's. */
export function openSearch(text = ""): void {
  if (!field) return;
  typed.value = text;
  field.value = text;
  field.focus();
}

export function Search(): JSX.Element | null {
  const [at, setAt] = useState(0);
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const closing = useRef(0);
  const text = typed.value;
  useEffect(() => {
    setAt(0);
    setPlaces([]);
    if (text.trim().length < 3) return undefined;
    // A pause in typing: an address is not looked for at each letter.
    const timer = setTimeout(() => {
      findPlaces(text.trim()).then(setPlaces, () => setPlaces([]));
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  if (!may("see-units") && !may("view-cameras")) return <span class="bar-search" />;
  const find = (what: string): Hit[] =>
    what.trim()
      ? matches(what, {
          cameras: cameras.value,
          units: units.value,
          interventions: interventions.value,
          places,
        })
      : [];
  const hits = find(text);
  const close = (): void => {
    typed.value = "";
  };
  const leave = (): void => {
    close();
    if (before?.isConnected) before.focus();
    else field?.blur();
  };
  const choose = (hit: Hit | undefined): void => {
    if (!hit) return;
    bringUp(hit);
    // Not by way of the tile that had the focus: a tile that gets it is the selected one.
    if (hit.kind !== "camera" || stage.value !== "wall" || !focusSelectedTile()) leave();
    close();
  };
  return (
    <search class="bar-search">
      <Icon node={SearchIcon} />
      <input
        ref={hold}
        class="input"
        type="text"
        role="combobox"
        aria-label={words("search.label")}
        aria-expanded={hits.length > 0}
        aria-controls="search-hits"
        aria-activedescendant={hits[at] ? `hit-${at}` : undefined}
        aria-autocomplete="list"
        placeholder={words("search.hint")}
        autocomplete="off"
        data-testid="search"
        value={text}
        onInput={(event) => (typed.value = event.currentTarget.value)}
        onFocus={(event) => {
          clearTimeout(closing.current);
          const from = event.relatedTarget;
          before = from instanceof HTMLElement ? from : null;
        }}
        onBlur={() => (closing.current = window.setTimeout(close, 150))}
        onKeyDown={(event) => {
          if (event.key === "Escape") leave();
          else if (event.key === "Enter") choose(find(event.currentTarget.value)[at]);
          else if (event.key === "ArrowDown") setAt(Math.min(at + 1, hits.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <ul id="search-hits" class="search-hits" role="listbox" aria-label={words("search.label")} hidden={hits.length === 0}>
        {hits.map((hit, i) => (
          <li
            key={hit.key}
            id={`hit-${i}`}
            role="option"
            aria-selected={i === at}
            onPointerDown={(event) => {
              event.preventDefault();
              choose(hit);
            }}
          >
            <span class="quiet small">{words(`search.${hit.kind}`)}</span> {hit.label}
          </li>
        ))}
      </ul>
      {text.trim() !== "" && hits.length === 0 && (
        <p class="search-hits search-none" role="status">
          {words("search.none")}
        </p>
      )}
    </search>
  );
}

/** The arrows go on from the tile that was just filled; false while the wall is not there yet. */
function focusSelectedTile(): boolean {
  const tile = document.querySelector<HTMLElement>(`[data-slot="${wall.value.selected}"]`);
  tile?.focus();
  return tile !== null;
}

/** A camera goes to the selected tile; everything else to the map and the context. */
function bringUp(hit: Hit): void {
  if (hit.kind === "place") {
    stage.value = "map";
    goTo(hit.place.point);
    return;
  }
  selection.value = { kind: hit.kind, id: hit.id };
  if (hit.kind === "camera" && stage.value !== "map") {
    stage.value = "wall";
    changeWall((held) => bring(held, { kind: "camera", id: hit.id }));
  } else if (hit.point) {
    goTo(hit.point);
  }
}
