/** A map in a box: it loads, follows the theme, says when it can't, and gives back the map. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { changeTheme, createMap, type MapLibre } from "../../shared/map/map.ts";
import { addSymbols, paletteOf } from "../../shared/map/symbols.ts";
import { Problem } from "../../shared/problem.ts";
import type { Point } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { theme } from "../state/store.ts";

export function MapCanvas(props: {
  centre: Point;
  zoom: number;
  label: string;
  /** Called when the style is there, again after each change of theme; what it returns cleans up. */
  onReady: (map: MapLibre) => (() => void) | undefined;
  children?: ComponentChildren;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [loading, setLoading] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const ready = useRef(props.onReady);
  ready.current = props.onReady;
  useEffect(() => {
    let map: MapLibre | null = null;
    let gone = false;
    let clean: (() => void) | undefined;
    const container = box.current;
    if (!container) return undefined;
    const onStyle = (): void => {
      if (!map) return;
      clean?.();
      addSymbols(map, paletteOf(document.documentElement));
      setLoading(false);
      clean = ready.current(map);
    };
    createMap({ container, centre: props.centre, zoom: props.zoom, theme: theme.peek(), label: props.label })
      .then((made) => {
        if (gone) {
          made.remove();
          return;
        }
        map = made;
        map.on("style.load", onStyle);
      })
      .catch((error: unknown) => setProblem(Problem.of(error)));
    const stopTheme = theme.subscribe((next) => {
      if (map) void changeTheme(map, next);
    });
    return () => {
      gone = true;
      stopTheme();
      clean?.();
      map?.remove();
    };
  }, [attempt]);
  return (
    <div class="map">
      <div class="map-canvas" ref={box} data-testid="map" data-ready={!loading} />
      {loading && !problem && <div class="map-fault skeleton">{say("map.loading")}</div>}
      {problem && (
        <div class="map-fault">
          <p>{say("map.failed")}</p>
          <Fault
            error={problem}
            retry={() => {
              setProblem(null);
              setAttempt(attempt + 1);
            }}
          />
        </div>
      )}
      <div class="map-attribution">{say("map.attribution")}</div>
      {props.children}
    </div>
  );
}
