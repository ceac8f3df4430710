/** A point, a text, or both, to one unit. It can't be taken back, so it says what will happen. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { locale, say } from "../../shared/i18n/index.ts";
import { sayPoint } from "../../shared/geo.ts";
import type { Id, Point } from "../../shared/types.ts";
import { guide } from "../intents/interventions.ts";
import { nameOf } from "../intents/places.ts";
import { room } from "../state/store.ts";
import { Area, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";

const TEXT_LIMIT = 500;

export function GuidanceForm(props: {
  unitId: Id;
  point?: Point | null;
  onDone?: () => void;
}): JSX.Element {
  const { unitId, point = null } = props;
  const [place, setPlace] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  // One id for each message, so that a second press after a lost answer sends nothing new.
  const id = useRef(crypto.randomUUID());
  const unit = room.value.units.get(unitId);
  useEffect(() => {
    if (point) nameOf(point).then(setPlace, () => setPlace(null));
    else setPlace(null);
  }, [point?.coordinates.join()]);
  if (!unit) return <p class="quiet">{words("unit.gone")}</p>;
  return (
    <Form
      key={round}
      testid="guidance-form"
      submit={words("guidance.send", { unit: unit.call_sign })}
      onSubmit={async (form) => {
        const text = textOf(form, "text");
        await guide(unitId, {
          id: id.current,
          ...(point ? { point } : {}),
          ...(text ? { text } : {}),
          ...(unit.intervention_id ? { intervention_id: unit.intervention_id } : {}),
        });
        id.current = crypto.randomUUID();
        setRound(round + 1);
        props.onDone?.();
      }}
      {...(props.onDone ? { onCancel: props.onDone } : {})}
    >
      {point && (
        <p class="small">
          {words("guidance.point")} <strong>{place ?? sayPoint(point, locale.value)}</strong>
        </p>
      )}
      <Area
        label={words(point ? "guidance.textToo" : "guidance.text")}
        name="text"
        maxLength={TEXT_LIMIT}
        required={!point}
        testid="guidance-text"
      />
      {!unit.shift && <p class="small is-warn">{say("unit.off-duty")}</p>}
    </Form>
  );
}
