/** What can be done with a point of the map: raise an alert, send it to a unit, open a call. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { X } from "lucide";
import { locale, say } from "../../shared/i18n/index.ts";
import { distanceM, sayDistance, sayPoint } from "../../shared/geo.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { GuidanceForm } from "../guidance/form.tsx";
import { nameOf } from "../intents/places.ts";
import { openIntervention } from "../intents/interventions.ts";
import { fault } from "../notices/notices.ts";
import { raiseAt } from "../queue/raise.tsx";
import { communesWith, inView, may, me, onShift } from "../state/store.ts";
import { words } from "../words/index.ts";
import type { Pressed } from "./presses.ts";

export function PointMenu(props: { pressed: Pressed; onClose: () => void }): JSX.Element {
  const { pressed, onClose } = props;
  const [place, setPlace] = useState<string | null>(null);
  const [unit, setUnit] = useState<string | null>(null);
  const panel = useRef<HTMLElement>(null);
  const at = pressed.point;
  useEffect(() => {
    setPlace(null);
    setUnit(null);
    nameOf(at).then(setPlace, () => setPlace(null));
    panel.current?.focus();
    // The panel opens where the press was; its place is known only now.
    const box = panel.current;
    if (box) {
      box.style.setProperty("--x", pressed.x === null ? "50%" : `${pressed.x}px`);
      box.style.setProperty("--y", pressed.y === null ? "50%" : `${pressed.y}px`);
    }
  }, [at.coordinates.join()]);
  useEffect(() => {
    if (unit) panel.current?.querySelector("textarea")?.focus();
  }, [unit]);
  const commune = communeOf();
  const near = onShift.value
    .filter(({ commune_id }) => may("guide-units", commune_id))
    .map((one) => ({
      ...one,
      metres: one.position ? distanceM(one.position.point, at) : Infinity,
    }))
    .toSorted((a, b) => a.metres - b.metres);
  return (
    <section
      ref={panel}
      class="point-menu"
      aria-label={words("point.title")}
      tabIndex={-1}
      data-testid="point-menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header>
        <h2>{place ?? sayPoint(at, locale.value)}</h2>
        <button
          type="button"
          class="button plain icon"
          aria-label={say("act.close")}
          onClick={onClose}
        >
          <Icon node={X} />
        </button>
      </header>
      {unit ? (
        <GuidanceForm unitId={unit} point={at} onDone={onClose} />
      ) : (
        <>
          {commune && may("raise-alerts", commune) && (
            <button
              type="button"
              class="button line"
              data-testid="raise-here"
              onClick={() => {
                raiseAt(commune, at, null);
                onClose();
              }}
            >
              {words("point.raise")}
            </button>
          )}
          {commune && may("manage-interventions", commune) && (
            <button
              type="button"
              class="button line"
              data-testid="intervene-here"
              onClick={() => {
                openIntervention({
                  id: crypto.randomUUID(),
                  commune_id: commune,
                  kind: "other",
                  point: at,
                  ...(place ? { place } : {}),
                }).then(onClose, fault);
              }}
            >
              {words("point.intervention")}
            </button>
          )}
          <h3 class="small quiet">{words("point.sendTo")}</h3>
          {near.length === 0 && <p class="small quiet">{words("units.nobody")}</p>}
          <ul class="point-units">
            {near.map(({ id, call_sign, state, metres }) => (
              <li key={id}>
                <button type="button" class="button line" onClick={() => setUnit(id)}>
                  <strong>{call_sign}</strong>
                  <span class="quiet small">
                    {say(`unit.${state}`)}
                    {Number.isFinite(metres) && ` · ${sayDistance(metres, locale.value)}`}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** The commune that a new thing on the map belongs to: the one in view, else the first. */
function communeOf(): string | null {
  const able = communesWith("raise-alerts");
  const chosen = able.find(({ id }) => inView.value?.has(id)) ?? able[0];
  return chosen?.id ?? me.value?.communes[0]?.id ?? null;
}
