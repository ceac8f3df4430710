/** What stands in the middle: the wall, the map, the board or the administration. */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { may, stage } from "./state/store.ts";
import { words } from "./words/index.ts";
import { WallView } from "./wall/wall.tsx";

// The map brings MapLibre, playback its player, the board and administration their forms: loaded when first looked at.
const MapStage = lazy(() => import("./map/stage.tsx").then(({ MapStage: view }) => view));
const PlaybackStage = lazy(() =>
  import("./playback/stage.tsx").then(({ PlaybackStage: view }) => view),
);
const InterventionBoard = lazy(() =>
  import("./interventions/board.tsx").then(({ InterventionBoard: view }) => view),
);
const Administration = lazy(() =>
  import("./administration/administration.tsx").then(({ Administration: view }) => view),
);

export function lazyStage(): JSX.Element {
  return (
    <Suspense fallback={<div class="skeleton stage-skeleton" />}>
      <CurrentStage />
    </Suspense>
  );
}

function CurrentStage(): JSX.Element {
  // Without a right on the room's work, the office is what there is.
  if (stage.value === "administration" || !may("see-alerts")) return <Administration />;
  if (stage.value === "map") return may("see-units") ? <MapStage /> : <NotAllowed />;
  if (stage.value === "board") return <InterventionBoard />;
  if (stage.value === "playback") {
    return may("view-recordings") ? <PlaybackStage /> : <NotAllowed />;
  }
  return may("view-cameras") ? <WallView /> : <NotAllowed />;
}

export function NotAllowed(): JSX.Element {
  return (
    <div class="empty">
      <h2>{words("denied.region")}</h2>
      <p>{words("denied.who")}</p>
    </div>
  );
}
