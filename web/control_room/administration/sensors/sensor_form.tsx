/** A new sensor: its name and sort, where it is, what it may report. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { say } from "../../../shared/i18n/index.ts";
import { point } from "../../../shared/geo.ts";
import { AUTHORISABLE_KINDS, SENSOR_KINDS } from "../../../shared/types.ts";
import { me } from "../../state/store.ts";
import { Choice, Field, Form, textOf } from "../../ui.tsx";
import { here } from "../administration.tsx";
import { Checks } from "../checks.tsx";
import { Coordinates, pointIn } from "../coordinates.tsx";
import { Drawing, PlacePicker } from "../place_picker.tsx";
import { text } from "../words/index.ts";
import { addSensor, SORTS, type WithSecret } from "./intents.ts";
import { words } from "./words.ts";

export function SensorForm(props: {
  onAdded: (sensor: WithSecret) => void;
  onCancel: () => void;
}): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  const commune = me.value?.communes.find((one) => one.id === here.value);
  const centre = commune?.centre ?? point(2.35, 48.85);
  const drawing = useMemo(() => new Drawing([], true), []);
  const submit = async (form: FormData): Promise<void> => {
    const place = textOf(form, "place");
    props.onAdded(
      await addSensor({
        id,
        commune_id: here.value,
        name: textOf(form, "name"),
        sort: textOf(form, "sort"),
        maker: textOf(form, "maker"),
        kinds: form.getAll("kind"),
        point: pointIn(form),
        ...(place ? { place } : {}),
      }),
    );
  };
  return (
    <Form testid="sensor-form" submit={say("act.save")} onCancel={props.onCancel} onSubmit={submit}>
      <div class="two-columns">
        <div class="form">
          <Field label={text("camera.name")} name="name" required autofocus maxLength={200} />
          <Choice
            label={words("sort")}
            name="sort"
            options={SORTS.map((sort) => [sort, words(`sort.${sort}`)] as const)}
          />
          <Field label={words("maker")} name="maker" maxLength={200} />
          <Checks
            title={words("kinds")}
            name="kind"
            options={[...SENSOR_KINDS, ...AUTHORISABLE_KINDS].map(
              (kind) => [kind, say(`kind.${kind}`)] as const,
            )}
          />
        </div>
        <div class="form">
          <p>{words("whereIs")}</p>
          <PlacePicker drawing={drawing} centre={centre} />
          <Coordinates drawing={drawing} />
          <Field label={text("camera.place")} name="place" hint={words("placeHint")} maxLength={200} />
        </div>
      </div>
    </Form>
  );
}
