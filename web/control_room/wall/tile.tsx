/** One tile of the wall: a picture with its name, its time, and who else watches. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Eye, Pin, X } from "lucide";
import { sayDetail } from "../../shared/i18n/details.ts";
import { say } from "../../shared/i18n/index.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import type { Camera, Id, PatrolStream } from "../../shared/types.ts";
import { receive } from "../intents/interventions.ts";
import { isOpen } from "../state/queue.ts";
import { alerts, isDown, room, selection, units } from "../state/store.ts";
import { changeWall } from "../state/wall_store.ts";
import { words } from "../words/index.ts";
import { acceptsDrop, dragShown, dropOn } from "./dragging.ts";
import { Picture } from "./picture.tsx";
import { put, select, type Slot } from "./placement.ts";
import { chooseStream, SMALL_AWAY_MS } from "./stream_choice.ts";

export function Tile(props: {
  slot: number;
  shown: Slot;
  selected: boolean;
  /** Held here while the others take turns. */
  pinned: boolean;
  statistics: boolean;
  /** On a wall computer nobody presses anything: it is driven from a desk. */
  driven?: boolean;
}): JSX.Element {
  const { slot, shown, selected, pinned, statistics, driven } = props;
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
      aria-label={pinned ? words("tile.pinnedName", { name }) : name}
      {...(driven
        ? {}
        : {
            tabIndex: selected ? 0 : -1,
            "aria-current": selected ? "true" : undefined,
            draggable: shown !== null,
            onClick: () => changeWall((held) => select(held, slot)),
            onFocus: () => changeWall((held) => select(held, slot)),
            onDblClick: () => shown && (selection.value = shown),
            onDragStart: (event: DragEvent) => shown && dragShown(event, shown),
            onDragOver: acceptsDrop,
            onDrop: (event: DragEvent) => dropOn(event, slot),
          })}
    >
      {camera && (
        <CameraTile
          key={camera.id}
          camera={camera}
          alarmed={alarmed}
          statistics={statistics}
          pinned={pinned}
        />
      )}
      {stream && (
        <StreamTile key={stream.id} stream={stream} statistics={statistics} driven={driven ?? false} />
      )}
      {!camera && !stream && (
        <div class="tile-empty">
          <p>{words("tile.empty")}</p>
          {!driven && <p class="small">{words("tile.emptyHow")}</p>}
        </div>
      )}
      {shown && !driven && (
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

function CameraTile(props: {
  camera: Camera;
  alarmed: boolean;
  statistics: boolean;
  pinned: boolean;
}): JSX.Element {
  const { camera } = props;
  const [box, height_px] = useHeight();
  const [smallAway, setSmallAway] = useState(false);
  const current = useRef<Id | null>(null);
  useEffect(() => {
    if (!smallAway) return undefined;
    const timer = setTimeout(() => setSmallAway(false), SMALL_AWAY_MS);
    return () => clearTimeout(timer);
  }, [smallAway]);
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
  const streams = smallAway ? { main: camera.streams.main, sub: null } : camera.streams;
  const streamId = height_px === null ? null : chooseStream(streams, height_px, current.current);
  current.current = streamId;
  // How large the tile is, is known a moment after it is there.
  if (streamId === null) return <div class="picture" ref={box} />;
  return (
    <div class="picture-box" ref={box}>
      <Picture
        streamId={streamId}
        label={camera.name}
        epoch={String(room.value.mediaStarts)}
        away={isDown(camera)}
        statistics={props.statistics}
        onRefused={(id) => id === camera.streams.sub && setSmallAway(true)}
      >
        <TileName camera={camera} />
        {props.pinned && (
          <span class="tile-pin" title={words("tile.pinned")}>
            <Icon node={Pin} size={16} />
          </span>
        )}
        {props.alarmed && <span class="tag warn">{words("tile.alarmed")}</span>}
        {camera.demonstration && <span class="tag">{say("demonstration")}</span>}
        {isDown(camera) && camera.state && (
          <span class="tag warn">
            {words("camera.down")} <Age since={camera.state.since} bare />
          </span>
        )}
        <Watching count={camera.watching} />
      </Picture>
    </div>
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

function StreamTile(props: {
  stream: PatrolStream;
  statistics: boolean;
  driven: boolean;
}): JSX.Element {
  const { stream } = props;
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
      streamId={stream.id}
      label={words("stream.of", { unit: stream.call_sign })}
      epoch={String(room.value.mediaStarts)}
      away={!stream.live}
      statistics={props.statistics}
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
      ) : props.driven ? null : (
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

/** The height of an element in pixels of the screen; null until it is known. */
function useHeight(): [(element: HTMLElement | null) => void, number | null] {
  const [height_px, setHeight] = useState<number | null>(null);
  const watching = useRef<ResizeObserver | null>(null);
  const hold = useRef((element: HTMLElement | null): void => {
    watching.current?.disconnect();
    watching.current = null;
    if (!element) return;
    const measure = (): void => setHeight(element.clientHeight * devicePixelRatio);
    watching.current = new ResizeObserver(measure);
    watching.current.observe(element);
    measure();
  });
  return [hold.current, height_px];
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
