/** The lower half: an alert to answer, this unit's own call, or who was first. */

import type { JSX } from "preact";
import { call } from "../state/store.ts";
import { MineCard } from "./mine_card.tsx";
import { RingingCard } from "./ringing_card.tsx";
import { TakenCard } from "./taken_card.tsx";

export function AlertSheet(): JSX.Element | null {
  const now = call.value;
  if (!now) return null;
  return (
    <section
      class={`sheet ${now.phase}`}
      data-testid="alert-sheet"
      data-phase={now.phase}
      aria-labelledby="sheet-title"
      role={now.phase === "ringing" ? "alertdialog" : "region"}
    >
      {now.phase === "ringing" && (
        <RingingCard key={now.alert.id} alert={now.alert} more={now.more} />
      )}
      {now.phase === "taken" && <TakenCard alert={now.alert} callSign={now.call_sign} />}
      {now.phase === "mine" && <MineCard now={now} />}
    </section>
  );
}
