/** Sensors: what each may report, what became of its reports, and its secret, once. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { say } from "../../../shared/i18n/index.ts";
import { now } from "../../../shared/time.ts";
import { When } from "../../../shared/ui/age.tsx";
import { may } from "../../state/store.ts";
import { Form } from "../../ui.tsx";
import { here } from "../administration.tsx";
import { Copied } from "../copied.tsx";
import { Opens, Section } from "../section.tsx";
import { Sure } from "../sure.tsx";
import { text } from "../words/index.ts";
import { renewSecret, sensors, type Sensor, type WithSecret } from "./intents.ts";
import { SensorForm } from "./sensor_form.tsx";
import { words } from "./words.ts";

export function Sensors(): JSX.Element {
  const manages = may("manage-cameras", here.value ?? undefined);
  return (
    <Section
      title={words("title")}
      intro={words("intro")}
      empty={words("empty")}
      from={sensors}
      testid="sensor-row"
      add={
        manages
          ? { label: words("add"), wide: true, form: (close) => <Adding onDone={close} /> }
          : null
      }
      columns={[
        {
          title: text("camera.name"),
          cell: ({ name, maker, disabled_at }) => (
            <>
              {name} {disabled_at && <span class="tag">{words("disabled")}</span>}
              <br />
              <span class="small quiet">{maker}</span>
            </>
          ),
        },
        { title: words("sort"), cell: ({ sort }) => words(`sort.${sort}`) },
        {
          title: words("kinds"),
          cell: ({ kinds }) => kinds.map((kind) => say(`kind.${kind}`)).join(", "),
        },
        { title: text("camera.place"), cell: ({ place }) => place },
        { title: words("reports"), cell: (sensor) => <Reports sensor={sensor} /> },
      ]}
      acts={(sensor) =>
        manages && (
          <>
            {!sensor.disabled_at && (
              <Opens label={words("secret")} title={sensor.name} testid="new-secret">
                {() => <Renewing sensor={sensor} />}
              </Opens>
            )}
            {sensor.disabled_at ? (
              <button
                type="button"
                class="button"
                onClick={() => void sensors.change(sensor.id, { in_use: true })}
              >
                {words("start")}
              </button>
            ) : (
              <Sure
                label={words("stop")}
                what={words("stopWhat")}
                testid="stop-sensor"
                onYes={async () => void (await sensors.change(sensor.id, { in_use: false }))}
              />
            )}
          </>
        )
      }
    />
  );
}

const WHY = ["kind-not-allowed", "report-changed", "too-many"] as const;

function Reports({ sensor }: { sensor: Sensor }): JSX.Element {
  const { taken, refused, reported_at, refused_because, previous_until } = sensor;
  const why = refused_because;
  const known = WHY.find((one) => one === why) ?? "other";
  return (
    <>
      {words("counts", { taken, refused })}
      <br />
      <span class="small quiet">
        {words("latest")} : {reported_at ? <When at={reported_at} /> : words("never")}
        {why && `, ${words("because", { why: words(`why.${known}`) })}`}
      </span>
      {previous_until && Date.parse(previous_until) > now.value && (
        <p class="small quiet">
          {words("previous")} <When at={previous_until} />
        </p>
      )}
    </>
  );
}

function Adding({ onDone }: { onDone: () => void }): JSX.Element {
  const [added, setAdded] = useState<WithSecret | null>(null);
  if (added) return <Secret of={added} />;
  return <SensorForm onAdded={setAdded} onCancel={onDone} />;
}

function Renewing({ sensor }: { sensor: Sensor }): JSX.Element {
  const [made, setMade] = useState<WithSecret | null>(null);
  if (made) return <Secret of={made} />;
  return (
    <Form
      testid="secret-form"
      submit={words("make")}
      onSubmit={async (form) => setMade(await renewSecret(sensor.id, form.has("keep")))}
    >
      <p>{words("secretWhat")}</p>
      <label class="check">
        <input type="checkbox" name="keep" checked />
        {words("keep")}
      </label>
    </Form>
  );
}

/** Until the dialog is closed; nobody can ask for it again. */
function Secret({ of }: { of: WithSecret }): JSX.Element {
  return (
    <div class="form" data-testid="sensor-secret">
      <dl>
        <dt>{words("address")}</dt>
        <dd>
          <code>{of.reports_to}</code>
        </dd>
      </dl>
      {of.secret ? (
        <Copied
          label={words("signs")}
          value={of.secret}
          hint={words("once")}
          copy={words("copy")}
          done={words("copied")}
          takesKeys
        />
      ) : (
        <p>{words("noSecret")}</p>
      )}
    </div>
  );
}
