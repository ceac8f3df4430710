/** The camera an alert comes from, live, one press away. */

import { Cctv } from "lucide";
import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import type { MobileAlert } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { watched } from "../cameras/watched.ts";
import { film } from "../intents/film.ts";
import { words } from "../words/index.ts";

export function CameraButton({ alert }: { alert: MobileAlert }): JSX.Element | null {
  const streams = alert.camera_streams;
  if (!streams || film.value) return null; // who films keeps his own picture in view
  const watch = (): void => {
    watched.value = {
      name: alert.place,
      streams,
      motive: words("cameras.motive.call", { kind: say(`kind.${alert.kind}`) }),
    };
  };
  return (
    <button type="button" class="button glove" data-testid="alert-camera" onClick={watch}>
      <Icon node={Cctv} size={24} />
      {words("call.camera")}
    </button>
  );
}
