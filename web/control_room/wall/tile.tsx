/** One tile of the wall: a picture with its name, its time, and who else watches. */

import type { ComponentChildren, JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useRef, useState } from "preact/hooks";
import { Eye, Pin, X } from "lucide";
import { sayDetail } from "../../shared/i18n/details.ts";
import { say } from "../../shared/i18n/index.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import type { Camera, Id, PatrolStream, Shown } from "../../shared/types.ts";
import { receive } from "../intents/interventions.ts";
import { openSearch } from "../bar/search.tsx";
import { isOpen } from "../state/queue.ts";
import { alerts, isDown, may, room, selection, units } from "../state/store.ts";
import { changeWall } from "../state/wall_store.ts";
import { words } from "../words/index.ts";
import { dragShown, takesDrop } from "./dragging.ts";
import { moverOf } from "../ptz/movers.ts";
import { steered } from "../ptz/steering.ts";
import { words as ptz } from "../ptz/words.ts";
import { talkerOf } from "../talk/opening.ts";
import { DetectionTags } from "./detection_tags.tsx";
import { ImpairedTag } from "./impaired_tag.tsx";
import { TileLookBack } from "./look_back.tsx";
import { Picture } from "./picture.tsx";
import { put, select, type Slot } from "./placement.ts";
import { chooseStream, SMALL_AWAY_MS } from "./stream_choice.ts";

// Few tiles are of cameras that are moved: hands, presets and tours are loaded with the first.
const Steer = lazy(() => import("../ptz/steer.tsx").then(({ Steer: view }) => view));

export function Tile(props: {
  slot: number;
  shown: Slot;
  /** Whose turn is next here: its picture is asked for already, and not seen yet. */
  next?: Slot;
  selected: boolean;
  /** Held here while the others take turns. */
  pinned: boolean;
  statistics: boolean;
  /** On a wall computer nobody presses anything: it is driven from a desk. */
  driven?: boolean;
  /** Another picture is looked at large: this one goes on behind it for a moment. */
  behind?: boolean;
}): JSX.Element {
  const { slot, shown, next, selected, pinned, statistics, driven = false, behind = false } = props;
  const camera = cameraOf(shown);
  const waiting = next?.id === shown?.id ? undefined : cameraOf(next ?? null);
  const stream = shown?.kind === "stream" ? room.value.streams.get(shown.id) : undefined;
  const alarmed =
    camera !== undefined &&
    alerts.value.some((alert) => alert.camera_id === camera.id && isOpen(alert));
  const name = camera
    ? words("camera.named", { number: camera.number, name: camera.name })
    : stream
      ? words("stream.of", { unit: stream.call_sign })
      : words("tile.empty");
  // One stop of Tab for the whole wall, and for what the selected tile has to press.
  const stop = selected ? 0 : -1;
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
      hidden={behind}
      {...(driven
        ? {}
        : {
            tabIndex: stop,
            "aria-current": selected ? "true" : undefined,
            draggable: shown !== null && steered.value !== shown.id, // else it draws the camera
            onClick: () => changeWall((held) => select(held, slot)),
            onFocus: () => changeWall((held) => select(held, slot)),
            onDblClick: () => shown && (selection.value = shown),
            onDragStart: (event: DragEvent) => shown && dragShown(event, shown),
            ...takesDrop(slot),
          })}
    >
      {[camera, waiting].map(
        (one) =>
          one && (
            // By its key it stays the same picture when its turn comes.
            <CameraTile
              key={one.id}
              camera={one}
              waits={one === waiting}
              alarmed={alarmed}
              statistics={statistics}
              pinned={pinned}
              stop={driven ? null : stop}
            />
          ),
      )}
      {stream && (
        <StreamTile
          key={stream.id}
          stream={stream}
          statistics={statistics}
          stop={driven ? null : stop}
        />
      )}
      {!camera && !stream && <EmptyTile asks={selected && !driven} />}
      {shown && !driven && <TileLookBack shown={shown} name={name} stop={stop} />}
      {shown && !driven && (
        <button
          type="button"
          class="button plain icon tile-remove"
          aria-label={words("tile.remove", { name })}
          tabIndex={stop}
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

function cameraOf(shown: Slot): Camera | undefined {
  return shown?.kind === "camera" ? room.value.cameras.get(shown.id) : undefined;
}

/** A free tile; the selected one says how to hang a camera in it. */
function EmptyTile({ asks }: { asks: boolean }): JSX.Element {
  return (
    <div class="tile-empty">
      <p>{words("tile.empty")}</p>
      {asks && (
        <>
          <p class="small">{words("tile.emptyHow")}</p>
          <button
            type="button"
            class="button"
            data-testid="choose-camera"
            onClick={(event) => {
              event.stopPropagation();
              openSearch();
            }}
          >
            {words("tile.choose")}
          </button>
        </>
      )}
    </div>
  );
}

function CameraTile(props: {
  camera: Camera;
  waits: boolean;
  alarmed: boolean;
  statistics: boolean;
  pinned: boolean;
  stop: Stop;
}): JSX.Element {
  const { camera, waits, stop } = props;
  const [box, height_px] = useHeight();
  const [smallAway, setSmallAway] = useState(false);
  const current = useRef<Id | null>(null);
  useEffect(() => {
    if (!smallAway) return undefined;
    const timer = setTimeout(() => setSmallAway(false), SMALL_AWAY_MS);
    return () => clearTimeout(timer);
  }, [smallAway]);
  if (!camera.lawful.ok) {
    if (waits) return <></>;
    return (
      <>
        <TileName camera={camera} stop={stop} />
        <div class="tile-empty">
          <p>{words("camera.unlawful")}</p>
          <p class="small">{sayDetail(camera.lawful.reason ?? "")}</p>
        </div>
      </>
    );
  }
  const streams = smallAway ? { main: camera.streams.main, sub: null } : camera.streams;
  const steers =
    stop !== null && steered.value === camera.id && camera.moves && may("move-cameras", camera.commune_id);
  const streamId = height_px === null ? null : chooseStream(streams, height_px, current.current);
  current.current = streamId;
  // How large the tile is, is known a moment after it is there.
  if (streamId === null) return <div class="picture" ref={box} />;
  return (
    <div class={waits ? "picture-box waits" : "picture-box"} ref={box} aria-hidden={waits}>
      <Picture
        streamId={streamId}
        label={camera.name}
        epoch={String(room.value.mediaStarts)}
        away={isDown(camera)}
        statistics={props.statistics && !waits}
        onRefused={(id) => id === camera.streams.sub && setSmallAway(true)}
        tags={
          waits ? null : (
            <>
              {steered.value !== camera.id && <Mover camera={camera} />}
              <Talker camera={camera} />
              {props.pinned && (
                <span class="tile-pin" title={words("tile.pinned")}>
                  <Icon node={Pin} size={16} />
                </span>
              )}
              {props.alarmed && <span class="tag warn">{words("tile.alarmed")}</span>}
              {isDown(camera) && camera.state && (
                <span class="tag warn">
                  {words("camera.down")} <Age since={camera.state.since} bare />
                </span>
              )}
              <ImpairedTag id={camera.id} />
              <DetectionTags camera={camera} />
              {camera.demonstration && <span class="tag">{say("demonstration")}</span>}
            </>
          )
        }
      >
        <TileName camera={camera} stop={stop} />
        <Watching count={camera.watching} />
      </Picture>
      {steers && !waits && (
        <Suspense fallback={null}>
          <Steer camera={camera} />
        </Suspense>
      )}
    </div>
  );
}

/** Its own part: it looks at the time each second, and a tile does not. */
function Mover({ camera }: { camera: Camera }): JSX.Element | null {
  if (!camera.mover && !camera.touring_since) return null;
  const mover = moverOf(camera);
  if (mover) {
    return (
      <span class="tag" data-testid="mover">
        {ptz("heldBy", { name: mover.name })}
      </span>
    );
  }
  return camera.touring_since ? <span class="tag">{ptz("touring")}</span> : null;
}

/** Whoever watches knows that somebody is heard there. */
function Talker({ camera }: { camera: Camera }): JSX.Element | null {
  if (!camera.talker) return null;
  const talker = talkerOf(camera);
  return talker ? (
    <span class="tag danger" data-testid="talker">
      {words("tile.talker", { name: talker.name })}
    </span>
  ) : null;
}

/** Where Tab stops at what can be pressed in a tile; null: nothing is pressed on this page. */
type Stop = 0 | -1 | null;

function TileName({ camera, stop }: { camera: Camera; stop: Stop }): JSX.Element {
  return (
    <Name stop={stop} about={{ kind: "camera", id: camera.id }} title={camera.name}>
      <strong>{camera.number}</strong> {camera.name}
    </Name>
  );
}

/** What hangs here: a press shows everything about it. */
function Name(props: {
  stop: Stop;
  about: Shown;
  title: string;
  children: ComponentChildren;
}): JSX.Element {
  const { stop, about, title, children } = props;
  if (stop === null) return <span class="tile-name">{children}</span>;
  return (
    <button
      type="button"
      class="tile-name"
      title={title}
      tabIndex={stop}
      onClick={() => (selection.value = about)}
    >
      {children}
    </button>
  );
}

function StreamTile(props: {
  stream: PatrolStream;
  statistics: boolean;
  stop: Stop;
}): JSX.Element {
  const { stream, stop } = props;
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
      tags={
        <>
          <span class="tag danger">{say(`threat.${stream.reason}`)}</span>
          {stream.received_by && (
            <span class="tag" data-testid="received">
              {words("stream.receivedBy", { name: stream.received_by.name })}
            </span>
          )}
        </>
      }
    >
      <Name
        stop={stop}
        about={{ kind: "stream", id: stream.id }}
        title={words("stream.of", { unit: stream.call_sign })}
      >
        <strong>{stream.call_sign}</strong> {words("stream.films")}
      </Name>
      <Age since={stream.started_at} bare />
      {unit?.shift && <span class="small">{unit.shift.person_name}</span>}
      <Watching count={stream.viewers} />
      {!stream.received_by && stop !== null && (
        // It asks for somebody: Tab stops here whichever tile is selected.
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
    const measure = (): void => {
      // Behind a large picture it has no height for a while, and keeps the stream it had.
      if (element.clientHeight > 0) setHeight(element.clientHeight * devicePixelRatio);
    };
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
