/** One tile of the wall: a picture with its name, its time, and who else watches. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Eye, X } from "lucide";
import { sayDetail } from "../../shared/i18n/details.ts";
import { say } from "../../shared/i18n/index.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import type { Camera, PatrolStream } from "../../shared/types.ts";
import { receive } from "../intents/interventions.ts";
import { isOpen } from "../state/queue.ts";
import { alerts, isDown, room, selection, units } from "../state/store.ts";
import { changeWall } from "../state/wall_store.ts";
import { words } from "../words/index.ts";
import { Picture } from "./picture.tsx";
import { put, select, type Slot } from "./placement.ts";

export function Tile(props: {
  slot: number;
  shown: Slot;
  selected: boolean;
  small: boolean;
}): JSX.Element {
  const { slot, shown, selected, small } = props;
  const camera = shown?.kind === "camera" ? room.value.cameras.get(shown.id) : undefined;
  const stream = shown?.kind === "stream" ? room.value.streams.get(shown.id) : undefined;
  const alarmed =
    camera !== undefined &&
    alerts.value.some((alert) => alert.camera_id === camera.id && isOpen(alert));
  const name = camera
    ? words("camera.named", { number: camera.number, name: camera.name })
    : stream
      ? words("stream.of", { unit: stream.call_sign })
      : words("tile.empty");
  const classes = [
    "tile",
    selected ? "selected" : "",
    alarmed ? "alarmed" : "",
    stream ? "from-patrol" : "",
  ];
  return (
    <li
      class={classes.filter(Boolean).join(" ")}
      data-testid="tile"
      data-slot={slot}
      data-shown={shown?.id}
      data-kind={shown?.kind}
      tabIndex={selected ? 0 : -1}
      aria-label={name}
      aria-current={selected ? "true" : undefined}
      onClick={() => changeWall((held) => select(held, slot))}
      onFocus={() => changeWall((held) => select(held, slot))}
      onDblClick={() => shown && (selection.value = shown)}
    >
      {camera && <CameraTile camera={camera} small={small} alarmed={alarmed} />}
      {stream && <StreamTile key={stream.id} stream={stream} />}
      {!camera && !stream && (
        <div class="tile-empty">
          <p>{words("tile.empty")}</p>
          <p class="small">{words("tile.emptyHow")}</p>
        </div>
      )}
      {shown && (
        <button
          type="button"
          class="button plain icon tile-remove"
          aria-label={words("tile.remove", { name })}
          onClick={(event) => {
            event.stopPropagation();
            changeWall((held) => put(held, slot, null));
          }}
        >
          <Icon node={X} />
        </button>
      )}
    </li>
  );
}

function CameraTile(props: { camera: Camera; small: boolean; alarmed: boolean }): JSX.Element {
  const { camera, small } = props;
  if (!camera.lawful.ok) {
    return (
      <>
        <TileName camera={camera} />
        <div class="tile-empty">
          <p>{words("camera.unlawful")}</p>
          <p class="small">{sayDetail(camera.lawful.reason ?? "")}</p>
        </div>
      </>
    );
  }
  const streamId = small && camera.streams.sub ? camera.streams.sub : camera.streams.main;
  return (
    <Picture
      key={streamId}
      streamId={streamId}
      label={camera.name}
      epoch={`${room.value.mediaStarts}/${isDown(camera)}`}
    >
      <TileName camera={camera} />
      {props.alarmed && <span class="tag warn">{words("tile.alarmed")}</span>}
      {camera.demonstration && <span class="tag">{say("demonstration")}</span>}
      {isDown(camera) && camera.state && (
        <span class="tag warn">
          {words("camera.down")} <Age since={camera.state.since} bare />
        </span>
      )}
      <Watching count={camera.watching} />
    </Picture>
  );
}

function TileName({ camera }: { camera: Camera }): JSX.Element {
  return (
    <button
      type="button"
      class="tile-name"
      onClick={() => (selection.value = { kind: "camera", id: camera.id })}
    >
      <strong>{camera.number}</strong> {camera.name}
    </button>
  );
}

function StreamTile({ stream }: { stream: PatrolStream }): JSX.Element {
  const unit = units.value.find(({ id }) => id === stream.unit_id);
  // One that was cut keeps its last picture; one that never came is not asked for until it does.
  const [came, setCame] = useState(stream.live);
  useEffect(() => {
    if (stream.live) setCame(true);
  }, [stream.live]);
  if (!came) {
    return (
      <div class="tile-empty">
        <p>{words("stream.of", { unit: stream.call_sign })}</p>
        <p class="small">
          {words("stream.cut")} {stream.since && <Age since={stream.since} />}
        </p>
      </div>
    );
  }
  return (
    <Picture
      key={stream.id}
      streamId={stream.id}
      label={words("stream.of", { unit: stream.call_sign })}
      epoch={`${room.value.mediaStarts}/${stream.live}`}
    >
      <button
        type="button"
        class="tile-name"
        onClick={() => (selection.value = { kind: "stream", id: stream.id })}
      >
        <strong>{stream.call_sign}</strong> {words("stream.films")}
      </button>
      <span class="tag danger">{say(`threat.${stream.reason}`)}</span>
      <Age since={stream.started_at} bare />
      {unit?.shift && <span class="small">{unit.shift.person_name}</span>}
      <Watching count={stream.viewers} />
      {stream.received_by ? (
        <span class="tag" data-testid="received">
          {words("stream.receivedBy", { name: stream.received_by.name })}
        </span>
      ) : (
        <button
          type="button"
          class="button danger tile-receive"
          data-testid="receive"
          onClick={(event) => {
            event.stopPropagation();
            void receive(stream);
          }}
        >
          {words("stream.receive")}
        </button>
      )}
    </Picture>
  );
}

function Watching({ count }: { count: number }): JSX.Element | null {
  if (count < 2) return null;
  return (
    <span class="tile-watching" title={words("tile.watching", { count })}>
      <Icon node={Eye} size={16} />
      {count}
      <span class="unseen">{words("tile.watching", { count })}</span>
    </span>
  );
}
