/** Everything that is on the map, as lists: for the keyboard and for who does not see the map. */

import type { ComponentChildren, JSX } from "preact";
import { LayoutGrid, X } from "lucide";
import { say } from "../../shared/i18n/index.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import type { Point } from "../../shared/types.ts";
import { placeOfAlert } from "../queue/card.tsx";
import { cameras, isDown, onShift, queue, selection, streams, type Selection } from "../state/store.ts";
import { words } from "../words/index.ts";
import { hangOnWall } from "../keyboard/wall_keys.ts";
import { dragShown } from "../wall/dragging.ts";
import { goTo } from "./view_point.ts";

export function EverythingOnMap({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <section class="map-list" aria-label={words("map.list")} tabIndex={0}>
      <button type="button" class="button plain icon" aria-label={say("act.close")} onClick={onClose}>
        <Icon node={X} />
      </button>
      <Group title={words("map.alerts")} empty={words("queue.empty")}>
        {queue.value.map((alert) => (
          <Line key={alert.id} what={{ kind: "alert", id: alert.id }} at={alert.point}>
            <strong>{say(`kind.${alert.kind}`)}</strong>
            <span class="quiet small">{placeOfAlert(alert)}</span>
          </Line>
        ))}
      </Group>
      <Group title={words("map.units")} empty={words("units.nobody")}>
        {onShift.value.map((unit) => (
          <Line key={unit.id} what={{ kind: "unit", id: unit.id }} at={unit.position?.point ?? null}>
            <strong>{unit.call_sign}</strong>
            <span class="quiet small">
              {say(`unit.${unit.state}`)}{" "}
              {unit.position ? <Age since={unit.position.fixed_at} /> : words("unit.noFix")}
            </span>
          </Line>
        ))}
      </Group>
      <Group title={words("map.streams")} empty={words("map.noStreams")}>
        {streams.value.map((stream) => (
          <Line key={stream.id} what={{ kind: "stream", id: stream.id }} at={null}>
            <strong>{stream.call_sign}</strong>
            <span class="quiet small">{say(`threat.${stream.reason}`)}</span>
          </Line>
        ))}
      </Group>
      <Group title={words("map.cameras")} empty={words("cameras.empty")}>
        {cameras.value.map((camera) => (
          <Line
            key={camera.id}
            what={{ kind: "camera", id: camera.id }}
            at={camera.point}
            hang={`${camera.number} ${camera.name}`}
          >
            <strong>
              {camera.number} {camera.name}
            </strong>
            {isDown(camera) && <span class="is-warn small">{words("camera.down")}</span>}
          </Line>
        ))}
      </Group>
    </section>
  );
}

function Group(props: { title: string; empty: string; children: JSX.Element[] }): JSX.Element {
  return (
    <>
      <h3>{props.title}</h3>
      {props.children.length === 0 && <p class="small quiet">{props.empty}</p>}
      <ul>{props.children}</ul>
    </>
  );
}

function Line(props: {
  what: Selection;
  at: Point | null;
  /** The name of a picture that can be hung on the wall. */
  hang?: string;
  children: ComponentChildren;
}): JSX.Element {
  const { what, hang } = props;
  const shown = { kind: "camera", id: what.id } as const;
  return (
    <li
      {...(hang ? { draggable: true, onDragStart: (event: DragEvent) => dragShown(event, shown) } : {})}
    >
      {hang && (
        <button
          type="button"
          class="button plain icon map-hang"
          aria-label={words("map.hang", { name: hang })}
          title={words("map.hang", { name: hang })}
          data-testid="map-hang"
          onClick={() => hangOnWall(shown)}
        >
          <Icon node={LayoutGrid} />
        </button>
      )}
      <button
        type="button"
        class="button plain line"
        onClick={() => {
          selection.value = props.what;
          if (props.at) goTo(props.at);
        }}
      >
        {props.children}
      </button>
    </li>
  );
}
