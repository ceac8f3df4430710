/** What an alert is about: kind, place, how far and which way, its picture. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import type { EventKind, MobileAlert, Point } from "../../shared/types.ts";
import { StillPicture } from "../ui/still.tsx";
import { WayTo } from "../ui/way.tsx";
import { words } from "../words/index.ts";
import { CameraButton } from "./camera_button.tsx";

interface Props {
  kind: EventKind;
  place: string;
  point: Point | null;
  note: string;
  alert: MobileAlert | null;
}

export function What({ kind, place, point, note, alert }: Props): JSX.Element {
  return (
    <div class="what">
      <div class="what-words">
        <h2 id="sheet-title">
          {say(`kind.${kind}`)}
          {alert && (
            <>
              {" "}
              <span class="tag" data-testid="alert-service">
                {say(`service.${alert.service}`)}
              </span>
            </>
          )}
        </h2>
        <p class="what-place">{place || words("call.noPlace")}</p>
        {note && <p class="what-note">{note}</p>}
        <WayTo point={point} />
      </div>
      {alert && (alert.still || alert.camera_streams) && (
        <div class="what-pictures">
          {alert.still && <AlertStill alert={alert} />}
          {alert.camera_streams && <CameraButton alert={alert} />}
        </div>
      )}
    </div>
  );
}

function AlertStill({ alert }: { alert: MobileAlert }): JSX.Element {
  const [isLarge, enlarge] = useState(false);
  return (
    <button
      type="button"
      class={isLarge ? "what-still large" : "what-still"}
      title={words("call.still")}
      aria-expanded={isLarge}
      data-testid="alert-still"
      onClick={() => enlarge(!isLarge)}
    >
      <StillPicture of="alerts" id={alert.id} alt={words("call.still")} />
    </button>
  );
}
