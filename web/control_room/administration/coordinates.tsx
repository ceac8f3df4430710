/** The point of a map in numbers, for those who have it written down. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { point } from "../../shared/geo.ts";
import type { Point } from "../../shared/types.ts";
import { Field, numberOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import type { Drawing } from "./place_picker.tsx";

type Name = "lat" | "lon";

/** No form is sent without them: a press on the map fills them in. */
export function Coordinates({ drawing }: { drawing: Drawing }): JSX.Element {
  const [typed, setTyped] = useState<Partial<Record<Name, number>>>({});
  const [lon, lat] = drawing.points.value[0] ?? [typed.lon, typed.lat];
  const put = (changed: Partial<Record<Name, number>>): void => {
    const now = { lon, lat, ...changed };
    // Half a point is none: the other number is not made up.
    if (now.lon !== undefined && now.lat !== undefined) drawing.points.value = [[now.lon, now.lat]];
    else setTyped(changed);
  };
  return (
    <div class="form-row">
      <Coordinate name="lat" label={words("point.lat")} value={lat} onInput={(to) => put({ lat: to })} />
      <Coordinate name="lon" label={words("point.lon")} value={lon} onInput={(to) => put({ lon: to })} />
    </div>
  );
}

export const pointIn = (form: FormData): Point => point(numberOf(form, "lon"), numberOf(form, "lat"));

function Coordinate(props: {
  name: Name;
  label: string;
  value: number | undefined;
  onInput: (value: number) => void;
}): JSX.Element {
  return (
    <Field
      label={props.label}
      name={props.name}
      inputMode="decimal"
      value={props.value === undefined ? "" : String(Math.round(props.value * 1e6) / 1e6)}
      required
      onInput={(typed) => {
        const value = Number(typed.replace(",", "."));
        if (typed.trim() !== "" && !/[.,]$/.test(typed) && Number.isFinite(value)) props.onInput(value);
      }}
    />
  );
}
