/** The point of a map in numbers, for those who have it written down. */

import type { JSX } from "preact";
import { point } from "../../shared/geo.ts";
import type { Point } from "../../shared/types.ts";
import { Field, numberOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import type { Drawing } from "./place_picker.tsx";

/** No form is sent without them: a press on the map fills them in. */
export function Coordinates({ drawing }: { drawing: Drawing }): JSX.Element {
  const [lon, lat] = drawing.points.value[0] ?? [];
  return (
    <div class="form-row">
      <Coordinate name="lat" label={words("point.lat")} value={lat} drawing={drawing} />
      <Coordinate name="lon" label={words("point.lon")} value={lon} drawing={drawing} />
    </div>
  );
}

export const pointIn = (form: FormData): Point => point(numberOf(form, "lon"), numberOf(form, "lat"));

function Coordinate(props: {
  name: "lat" | "lon";
  label: string;
  value: number | undefined;
  drawing: Drawing;
}): JSX.Element {
  const { name, drawing } = props;
  return (
    <Field
      label={props.label}
      name={name}
      inputMode="decimal"
      value={props.value === undefined ? "" : String(Math.round(props.value * 1e6) / 1e6)}
      required
      onInput={(typed) => {
        const value = Number(typed.replace(",", "."));
        if (typed.trim() === "" || /[.,]$/.test(typed) || !Number.isFinite(value)) return;
        const [lon, lat] = drawing.points.value[0] ?? [0, 0];
        drawing.points.value = [name === "lat" ? [lon, value] : [value, lat]];
      }}
    />
  );
}
