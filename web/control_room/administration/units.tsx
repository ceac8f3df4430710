/** Units: crews with their call signs. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { UNIT_KINDS, type Unit } from "../../shared/types.ts";
import { fault, notify } from "../notices/notices.ts";
import { may } from "../state/store.ts";
import { Choice, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { keptUnits } from "./collection.ts";
import { Opens, Section } from "./section.tsx";
import { text } from "./words/index.ts";

export function Units(): JSX.Element {
  const manages = may("manage-units", here.value ?? undefined);
  return (
    <Section
      title={text("section.units")}
      intro={text("units.intro")}
      empty={text("units.empty")}
      from={keptUnits}
      testid="kept-unit-row"
      add={
        manages
          ? {
              label: text("units.add"),
              form: (close) => <UnitForm unit={null} onDone={close} />,
            }
          : null
      }
      columns={[
        { title: text("unit.callSign"), cell: ({ call_sign }) => call_sign },
        { title: text("unit.kind"), cell: ({ kind }) => say(`unitKind.${kind}`) },
        { title: text("unit.armed"), cell: ({ armed }) => text(armed ? "yes" : "no") },
        {
          title: text("camera.state"),
          cell: ({ disabled_at }) => text(disabled_at ? "unit.disabled" : "unit.inUse"),
        },
      ]}
      acts={(unit) =>
        manages && (
          <>
            <Opens label={text("act.change")} title={unit.call_sign}>
              {(close) => <UnitForm unit={unit} onDone={close} />}
            </Opens>
            <button
              type="button"
              class="button"
              onClick={() => {
                keptUnits.change(unit.id, { disabled: !unit.disabled_at }).catch(fault);
              }}
            >
              {text(unit.disabled_at ? "unit.enable" : "unit.disable")}
            </button>
          </>
        )
      }
    />
  );
}

function UnitForm({ unit, onDone }: { unit: Unit | null; onDone: () => void }): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  return (
    <Form
      testid="unit-form"
      submit={say("act.save")}
      onCancel={onDone}
      onSubmit={async (form) => {
        const body = {
          call_sign: textOf(form, "call_sign"),
          kind: textOf(form, "kind"),
          armed: form.get("armed") === "on",
        };
        if (unit) await keptUnits.change(unit.id, body);
        else await keptUnits.add({ id, commune_id: here.value, ...body });
        notify({ tone: "done", text: words("done.saved") });
        onDone();
      }}
    >
      <Field
        label={text("unit.callSign")}
        name="call_sign"
        defaultValue={unit?.call_sign}
        maxLength={40}
        required
        autofocus
      />
      <Choice
        label={text("unit.kindHint")}
        name="kind"
        value={unit?.kind ?? "police-municipale"}
        options={UNIT_KINDS.map((kind) => [kind, say(`unitKind.${kind}`)] as const)}
      />
      <label class="check">
        <input type="checkbox" name="armed" defaultChecked={unit?.armed ?? false} />
        {text("unit.armedHint")}
      </label>
    </Form>
  );
}
