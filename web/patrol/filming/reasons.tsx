/** Why the picture goes live: one of the law's three reasons, one tap (R.241-11). */

import { PackageX, ShieldAlert, UserRoundX } from "lucide";
import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import { THREATS } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { filmFault, filmOpening, startFilming } from "../intents/film.ts";
import { Frame } from "../ui/frame.tsx";
import { words } from "../words/index.ts";

const ICONS = {
  "officers-threatened": ShieldAlert,
  "persons-threatened": UserRoundX,
  "goods-threatened": PackageX,
} as const;

export function Reasons(): JSX.Element {
  const fault = filmFault.value;
  return (
    <Frame title={words("film.why")} testId="reasons">
      <p>{words("film.law")}</p>
      {fault && (
        <div class="fault-box" role="alert" data-testid="film-fault">
          <strong>{words(`film.fault.${fault}`)}</strong>
          <p>{words(`film.fault.${fault}.how`)}</p>
        </div>
      )}
      <div class="reasons">
        {THREATS.map((threat) => (
          <button
            key={threat}
            type="button"
            class="button reason"
            disabled={filmOpening.value}
            data-testid={`reason-${threat}`}
            onClick={() => void startFilming(threat)}
          >
            <Icon node={ICONS[threat]} size={36} />
            {say(`threat.${threat}`)}
          </button>
        ))}
      </div>
      <p class="quiet" role="status">
        {filmOpening.value ? words("film.opening") : ""}
      </p>
    </Frame>
  );
}
