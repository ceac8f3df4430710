/** How far and which way: an arrow that turns with the phone, and the words beside it. */

import { useComputed } from "@preact/signals";
import { Navigation2 } from "lucide";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { sayDistance } from "../../shared/geo.ts";
import { locale } from "../../shared/i18n/index.ts";
import type { Point } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { wayOf } from "../state/store.ts";
import { octant } from "../state/targets.ts";
import { words, type Word } from "../words/index.ts";

export function WayTo({ point }: { point: Point | null }): JSX.Element {
  const arrow = useRef<HTMLSpanElement>(null);
  const way = useComputed(() => wayOf(point)).value;
  // Where the phone does not know which way it points, the arrow means 'north is up'.
  const turn = way ? Math.round(way.arrow_deg ?? way.bearing_deg) : 0;
  useEffect(() => {
    // By script: the policy allows no style in markup.
    if (arrow.current) arrow.current.style.transform = `rotate(${turn}deg)`;
  }, [turn, way !== null]);
  if (!point) return <p class="way quiet">{words("call.noPoint")}</p>;
  if (!way) return <p class="way quiet">{words("call.noFix")}</p>;
  const direction = words(`way.${octant(way.bearing_deg)}` as Word);
  const distance = sayDistance(way.metres, locale.value);
  return (
    <p class="way" data-testid="way" aria-label={words("way.label", { distance, direction })}>
      <span class="way-arrow" ref={arrow} aria-hidden="true">
        <Icon node={Navigation2} size={32} />
      </span>
      <span class="way-distance">{distance}</span>
      <span class="way-direction">{direction}</span>
    </p>
  );
}
