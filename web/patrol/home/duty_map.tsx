/** The map: the agent in its middle, his heading up while he moves, a line to where he goes. */

import { effect, useSignal } from "@preact/signals";
import { LocateFixed, Minus, Plus } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import type { MapLibre } from "../../shared/map/map.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { bearerHeaders } from "../intents/api.ts";
import { duty, link, position, theme } from "../state/store.ts";
import { words } from "../words/index.ts";
import { follow, following, zoomBy } from "./map_follow.ts";
import { addLayers } from "./map_layers.ts";

type State = "loading" | "here" | "failed";

export function DutyMap(): JSX.Element {
  const container = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibre | null>(null);
  const state = useSignal<State>("loading");

  useEffect(() => {
    let gone = false;
    let isOpening = false;
    let unfollow = (): void => {};
    const open = async (): Promise<void> => {
      const element = container.current;
      const centre = position.value?.point ?? duty.value.me?.commune.centre;
      if (!element || !centre || map.current || isOpening) return;
      isOpening = true;
      try {
        const made = await makeMap(element, centre);
        if (gone) return made.remove();
        map.current = made;
        unfollow = follow(made);
        state.value = "here";
      } catch {
        state.value = "failed"; // tried again when the network is back
      } finally {
        isOpening = false;
      }
    };
    const stop = effect(() => {
      if (link.value.phase === "open" && state.peek() !== "here") void open();
    });
    void open();
    return () => {
      gone = true;
      stop();
      unfollow();
      map.current?.remove();
      map.current = null;
    };
  }, []);

  useThemeOf(map, state);
  const zoom = (by: number): void => {
    if (map.current) zoomBy(map.current, by);
  };
  return (
    <div class="map duty-map" data-testid="map" data-state={state.value}>
      <div class="map-canvas" ref={container} />
      {state.value !== "here" && (
        <p class="map-fault">{say(state.value === "loading" ? "map.loading" : "map.failed")}</p>
      )}
      <div class="map-buttons">
        <button
          type="button"
          class="button icon glove"
          aria-label={words("home.recentre")}
          aria-pressed={following.value}
          onClick={() => (following.value = true)}
        >
          <Icon node={LocateFixed} size={26} />
        </button>
        <button
          type="button"
          class="button icon"
          aria-label={say("map.zoomIn")}
          onClick={() => zoom(1)}
        >
          <Icon node={Plus} size={24} />
        </button>
        <button
          type="button"
          class="button icon"
          aria-label={say("map.zoomOut")}
          onClick={() => zoom(-1)}
        >
          <Icon node={Minus} size={24} />
        </button>
      </div>
      <div class="map-attribution">{say("map.attribution")}</div>
    </div>
  );
}

async function makeMap(
  container: HTMLElement,
  centre: { type: "Point"; coordinates: [number, number] },
): Promise<MapLibre> {
  // A megabyte that the buttons must not wait for.
  const { createMap } = await import("../../shared/map/map.ts");
  const map = await createMap({
    container,
    centre,
    zoom: 16,
    theme: theme.peek(),
    headers: bearerHeaders(),
    label: words("home.map"),
  });
  await new Promise<void>((resolve) => map.once("style.load", () => resolve()));
  await addLayers(map);
  return map;
}

/** Dusk and dawn, or the agent's own choice, change the map as they change the page. */
function useThemeOf(
  map: { current: MapLibre | null },
  state: { value: State },
): void {
  const shown = theme.value;
  const drawn = useRef(shown);
  useEffect(() => {
    const now = map.current;
    if (!now || state.value !== "here" || drawn.current === shown) return;
    drawn.current = shown;
    void import("../../shared/map/map.ts").then(async ({ changeTheme }) => {
      now.once("style.load", () => void addLayers(now));
      await changeTheme(now, shown, bearerHeaders());
    });
  }, [shown, state.value]);
}
