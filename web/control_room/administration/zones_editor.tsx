/** Forbidden zones drawn on the camera's still, with the mouse or with the arrow keys. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import type { Camera, Zone } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { notify } from "../notices/notices.ts";
import { Field, Form } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Drawing } from "./drawing.tsx";
import { putZones, stillOfCamera, zonesOf } from "./intents.ts";
import { text } from "./words/index.ts";

export function ZonesEditor(props: { camera: Camera; onDone: () => void }): JSX.Element {
  const { camera } = props;
  const [zones, setZones] = useState<readonly Zone[] | null>(null);
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    zonesOf(camera.id).then(setZones, (error: unknown) => setProblem(Problem.of(error)));
  }, [camera.id]);
  if (problem) return <Fault error={problem} />;
  if (!zones) return <div class="skeleton" />;
  const change = (index: number, changed: Partial<Zone>): void =>
    setZones(zones.map((zone, i) => (i === index ? { ...zone, ...changed } : zone)));
  const add = (): void => {
    const name = text("zone.new", { number: zones.length + 1 });
    setZones([...zones, { id: crypto.randomUUID(), name, kind: "forbidden-zone", polygon: [] }]);
    setAt(zones.length);
  };
  return (
    <Form
      testid="zones-form"
      submit={say("act.save")}
      onCancel={props.onDone}
      onSubmit={async () => {
        await putZones(camera.id, zones);
        notify({ tone: "done", text: words("done.saved") });
        props.onDone();
      }}
    >
      <div class="zones">
        <Drawing
          name={camera.name}
          which={camera.id}
          picture={() => stillOfCamera(camera.id, text("zone.motive"))}
          polygons={zones.map(({ polygon }) => polygon)}
          at={at}
          look="zone"
          onPoints={(polygon) => change(at, { polygon })}
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
                hint={text("zone.points", { count: zone.polygon.length })}
                required
              />
              <div class="acts">
                <button type="button" class="button" aria-pressed={i === at} onClick={() => setAt(i)}>
                  {text("zone.draw")}
                </button>
                <button
                  type="button"
                  class="button"
                  onClick={() => change(i, { polygon: zone.polygon.slice(0, -1) })}
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
