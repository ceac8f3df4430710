/** `#/screen/…`: a wall computer. It shows one shared wall, as a desk drives it, and nothing else. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ageSeconds, now, sayClock } from "../../shared/time.ts";
import { driven, sharedWall } from "../state/wall_store.ts";
import { link, may, room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Driver } from "./driving.tsx";
import { WallGrid } from "./wall.tsx";

export function WallScreen({ id }: { id: string | null }): JSX.Element {
  useEffect(() => {
    driven.value = id;
    return () => (driven.value = null);
  }, [id]);
  const shared = sharedWall.value;
  useEffect(() => {
    if (shared) document.title = shared.name;
  }, [shared?.name]);
  if (!may("view-cameras")) return <p class="empty">{words("denied.region")}</p>;
  return (
    <main class="wall wall-computer" data-testid="wall-screen">
      <header class="wall-strip">
        <h1>{shared?.name ?? words("stage.wall")}</h1>
        <Driver />
        <Lost />
        <time>{sayClock(now.value)}</time>
      </header>
      {shared ? (
        <WallGrid driven />
      ) : room.value.known ? (
        <Walls />
      ) : (
        <div class="skeleton stage-skeleton" />
      )}
    </main>
  );
}

/** Pictures go on without the room's server, but nobody drives them. */
function Lost(): JSX.Element | null {
  const state = link.value;
  if (state.phase !== "lost") return null;
  const seconds = ageSeconds(new Date(state.since).toISOString(), Date.now());
  void now.value;
  return (
    <strong class="is-warn" role="status">
      {words("link.lost", { seconds })}
    </strong>
  );
}

function Walls(): JSX.Element {
  const walls = [...room.value.walls.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  return (
    <div class="empty">
      <h2>{words("walls.title")}</h2>
      <p>{words(walls.length > 0 ? "walls.choose" : "walls.none")}</p>
      <ul class="wall-list">
        {walls.map(({ id, name }) => (
          <li key={id}>
            <a class="button" href={`#/screen/${id}`}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
