/** Forbidden zones drawn on the camera's still, with the mouse or with the arrow keys. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { svgPoints } from "../../shared/geo.ts";
import { Problem } from "../../shared/problem.ts";
import type { Camera, PicturePoints, Zone } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { notify } from "../notices/notices.ts";
import { Field, Form } from "../ui.tsx";
import { words } from "../words/index.ts";
import { putZones, stillOfCamera, zonesOf } from "./intents.ts";
import { text } from "./words/index.ts";
import { closest, moved } from "./zone_points.ts";

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
        <Drawing camera={camera} zones={zones} at={at} onPoints={(polygon) => change(at, { polygon })} />
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

function Drawing(props: {
  camera: Camera;
  zones: readonly Zone[];
  at: number;
  onPoints: (points: PicturePoints) => void;
}): JSX.Element {
  const { camera, zones, at, onPoints } = props;
  const [picture, setPicture] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [cursor, setCursor] = useState<[number, number]>([0.5, 0.5]);
  const dragged = useRef<number | null>(null);
  const chosen = zones[at];
  useEffect(() => {
    let url: string | null = null;
    stillOfCamera(camera.id, text("zone.motive")).then(
      (blob) => {
        url = URL.createObjectURL(blob);
        setPicture(url);
      },
      (error: unknown) => setProblem(Problem.of(error)),
    );
    return () => {
      if (url) URL.revokeObjectURL(url);
    };
  }, [camera.id]);
  const where = (event: PointerEvent): [number, number] => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const share = (value: number): number => Math.min(1, Math.max(0, Math.round(value * 1000) / 1000));
    return [
      share((event.clientX - box.left) / box.width),
      share((event.clientY - box.top) / box.height),
    ];
  };
  const onKey = (event: KeyboardEvent): void => {
    const next = moved(cursor, event.key, event.shiftKey);
    if (next) setCursor(next);
    else if (event.key === "Enter" && chosen) onPoints([...chosen.polygon, cursor]);
    else if (event.key === "Backspace" && chosen) onPoints(chosen.polygon.slice(0, -1));
    else return;
    event.preventDefault();
  };
  return (
    <div class="zone-picture">
      {picture && <img src={picture} alt={camera.name} />}
      {!picture && !problem && <div class="skeleton" />}
      {problem && (
        <div class="zone-blank">
          <p class="small quiet">{text("zone.blank")}</p>
          <Fault error={problem} />
        </div>
      )}
      <svg
        viewBox="0 0 1000 1000"
        preserveAspectRatio="none"
        tabIndex={0}
        role="application"
        aria-label={text("zone.canvas")}
        data-testid="zone-canvas"
        onKeyDown={(event) => onKey(event as unknown as KeyboardEvent)}
        onPointerDown={(event) => {
          if (!chosen) return;
          const here = where(event);
          event.currentTarget.setPointerCapture(event.pointerId);
          dragged.current = closest(chosen.polygon, here);
          if (dragged.current !== null) return;
          onPoints([...chosen.polygon, here]);
          dragged.current = chosen.polygon.length;
        }}
        onPointerMove={(event) => {
          if (dragged.current === null || !chosen) return;
          onPoints(chosen.polygon.with(dragged.current, where(event)));
        }}
        onPointerUp={() => (dragged.current = null)}
      >
        {zones.map((zone, i) => (
          <polygon
            key={zone.id}
            class={i === at ? "zone chosen" : "zone"}
            points={svgPoints(zone.polygon)}
          />
        ))}
        {chosen?.polygon.map(([x, y], i) => (
          <circle key={i} class="zone-point" cx={x * 1000} cy={y * 1000} r={9} />
        ))}
        <path
          class="zone-cursor"
          d={`M${cursor[0] * 1000 - 22} ${cursor[1] * 1000}h44M${cursor[0] * 1000} ${cursor[1] * 1000 - 22}v44`}
        />
      </svg>
    </div>
  );
}
