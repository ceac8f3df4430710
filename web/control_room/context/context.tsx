/** What is selected; when nothing is, the units and what they are doing. */

import type { JSX } from "preact";
import { X } from "lucide";
import { say } from "../../shared/i18n/index.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { room, selection, type Selection } from "../state/store.ts";
import { words } from "../words/index.ts";
import { AboutAlert } from "./alert.tsx";
import { AboutCamera } from "./camera.tsx";
import { AboutIntervention } from "./intervention.tsx";
import { AboutStream } from "./stream.tsx";
import { AboutUnit } from "./unit.tsx";
import { UnitList } from "./units.tsx";

export function Context(): JSX.Element {
  const chosen = selection.value;
  const about = chosen && aboutOf(chosen);
  return (
    <aside class="context" aria-label={words("context.title")} data-testid="context">
      {chosen ? (
        <>
          <button
            type="button"
            class="button plain icon context-close"
            aria-label={say("act.close")}
            onClick={() => (selection.value = null)}
          >
            <Icon node={X} />
          </button>
          {about ?? <p class="empty">{words("context.gone")}</p>}
        </>
      ) : (
        <UnitList />
      )}
    </aside>
  );
}

function aboutOf({ kind, id }: Selection): JSX.Element | null {
  const { alerts, cameras, units, interventions, streams } = room.value;
  switch (kind) {
    case "alert": {
      const alert = alerts.get(id);
      return alert ? <AboutAlert key={id} alert={alert} /> : null;
    }
    case "camera": {
      const camera = cameras.get(id);
      return camera ? <AboutCamera key={id} camera={camera} /> : null;
    }
    case "unit": {
      const unit = units.get(id);
      return unit ? <AboutUnit key={id} unit={unit} /> : null;
    }
    case "intervention": {
      const intervention = interventions.get(id);
      return intervention ? <AboutIntervention key={id} intervention={intervention} /> : null;
    }
    case "stream": {
      const stream = streams.get(id);
      return stream ? <AboutStream key={id} stream={stream} /> : null;
    }
  }
}
