/** Forbidden zones drawn on the camera's still, with the mouse or with the arrow keys. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import type { Camera, Rule } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { notify } from "../notices/notices.ts";
import { Field, Form } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Drawing } from "./drawing.tsx";
import { putRules, stillOfCamera, rulesOf } from "./intents.ts";
import { text } from "./words/index.ts";

const NEW: Omit<Rule, "id" | "name"> = {
  kind: "forbidden-zone",
  shape: "zone",
  points: [],
  counts: null,
  bearing: null,
  thresholds: {},
  hours: null,
  subjects: null,
  preset: null,
  in_use: true,
};

export function ZonesEditor(props: { camera: Camera; onDone: () => void }): JSX.Element {
  const { camera } = props;
  const [zones, setZones] = useState<readonly Rule[] | null>(null);
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    rulesOf(camera.id).then(setZones, (error: unknown) => setProblem(Problem.of(error)));
  }, [camera.id]);
  if (problem) return <Fault error={problem} />;
  if (!zones) return <div class="skeleton" />;
  const change = (index: number, changed: Partial<Rule>): void =>
    setZones(zones.map((zone, i) => (i === index ? { ...zone, ...changed } : zone)));
  const add = (): void => {
    const name = text("zone.new", { number: zones.length + 1 });
    setZones([...zones, { ...NEW, id: crypto.randomUUID(), name }]);
    setAt(zones.length);
  };
  return (
    <Form
      testid="zones-form"
      submit={say("act.save")}
      onCancel={props.onDone}
      onSubmit={async () => {
        await putRules(camera.id, zones);
        notify({ tone: "done", text: words("done.saved") });
        props.onDone();
      }}
    >
      <div class="zones">
        <Drawing
          name={camera.name}
          which={camera.id}
          picture={() => stillOfCamera(camera.id, text("zone.motive"))}
          polygons={zones.map(({ points }) => points)}
          at={at}
          look="zone"
          onPoints={(points) => change(at, { points })}
          blank={text("zone.blank")}
        />
        <div class="form">
          <p class="small quiet">{text("zone.how")}</p>
          {zones.length === 0 && <p>{text("zone.none")}</p>}
          {zones.map((zone, i) => (
            <div key={zone.id} class={i === at ? "zone-line chosen" : "zone-line"}>
              <Field
                label={text("zone.name")}
                value={zone.name}
                onInput={(name) => change(i, { name })}
                hint={text("zone.points", { count: zone.points.length })}
                required
              />
              <div class="acts">
                <button type="button" class="button" aria-pressed={i === at} onClick={() => setAt(i)}>
                  {text("zone.draw")}
                </button>
                <button
                  type="button"
                  class="button"
                  onClick={() => change(i, { points: zone.points.slice(0, -1) })}
                >
                  {text("zone.removePoint")}
                </button>
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    setZones(zones.filter((_, index) => index !== i));
                    setAt(0);
                  }}
                >
                  {text("zone.remove")}
                </button>
              </div>
            </div>
          ))}
          <button type="button" class="button" data-testid="add-zone" onClick={add}>
            {text("zone.add")}
          </button>
        </div>
      </div>
    </Form>
  );
}
