/** Where the control room's point is, and that it may go. The call's own place is in the sheet. */

import { Target, X } from "lucide";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../../shared/ui/icon.tsx";
import { clearTarget } from "../intents/alerts.ts";
import { target, wayOf } from "../state/store.ts";
import { WayTo } from "../ui/way.tsx";
import { words } from "../words/index.ts";

/** Nearer than this, the agent stands on it. */
const REACHED_M = 15;

export function TargetBar(): JSX.Element | null {
  const now = target.value;
  const guided = now?.from === "guidance" ? now : null;
  const metres = guided ? (wayOf(guided.point)?.metres ?? null) : null;
  useEffect(() => {
    if (guided && metres !== null && metres < REACHED_M) clearTarget(guided.id);
  }, [guided?.id, metres]);
  if (!guided) return null;
  return (
    <div class="target-bar" data-testid="target">
      <Icon node={Target} size={24} />
      <div>
        <p class="small">{guided.place || words("target.guidance")}</p>
        <WayTo point={guided.point} />
      </div>
      <button
        type="button"
        class="button plain icon glove"
        aria-label={words("guidance.clear")}
        onClick={() => clearTarget(guided.id)}
      >
        <Icon node={X} size={26} />
      </button>
    </div>
  );
}
