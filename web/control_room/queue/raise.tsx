/** Raising what one sees oneself: kind, place and still are filled in; Enter raises it. */

import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { EVENT_KINDS, type EventKind, type Id, type Point } from "../../shared/types.ts";
import { raise } from "../intents/alerts.ts";
import { nameOf } from "../intents/places.ts";
import { may, room, selection, stage } from "../state/store.ts";
import { wall } from "../state/wall_store.ts";
import { Area, Dialog, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";

export interface Raising {
  /** Made when the dialog opens: pressing twice raises one alert. */
  id: Id;
  communeId: Id;
  cameraId: Id | null;
  point: Point | null;
}

export const raising = signal<Raising | null>(null);

/** What is seen most comes first; panic is an agent's own. */
const BY_HAND: readonly EventKind[] = [
  "suspicious",
  "assault",
  "fight",
  "theft",
  "damage",
  "accident",
  "medical",
  "person-down",
  "nuisance",
  "fire",
  "weapon",
  "abandoned-object",
  ...EVENT_KINDS.filter((kind) =>
    ["wrong-way", "forbidden-zone", "crowd-movement", "density", "other"].includes(kind),
  ),
];

/** `A`: from the selected picture. False when there is none, or no right to raise. */
export function startRaising(): boolean {
  const slot = stage.value === "wall" ? wall.value.slots[wall.value.selected] : null;
  const chosen = slot ?? selection.value;
  if (chosen?.kind === "camera") {
    const camera = room.value.cameras.get(chosen.id);
    return camera ? raiseAt(camera.commune_id, camera.point, camera.id) : false;
  }
  if (chosen?.kind === "stream") {
    const stream = room.value.streams.get(chosen.id);
    const unit = stream && room.value.units.get(stream.unit_id);
    return stream ? raiseAt(stream.commune_id, unit?.position?.point ?? null, null) : false;
  }
  return false;
}

export function raiseAt(communeId: Id, point: Point | null, cameraId: Id | null): boolean {
  if (!may("raise-alerts", communeId)) return false;
  raising.value = { id: crypto.randomUUID(), communeId, cameraId, point };
  return true;
}

export function RaiseDialog(): JSX.Element | null {
  const held = raising.value;
  return held ? <Raise key={held.id} held={held} /> : null;
}

function Raise({ held }: { held: Raising }): JSX.Element {
  const [place, setPlace] = useState<string | null>(null);
  const camera = held.cameraId ? room.value.cameras.get(held.cameraId) : undefined;
  const { point } = held;
  useEffect(() => {
    if (camera?.place) setPlace(camera.place);
    else if (point) nameOf(point).then(setPlace, () => setPlace(null));
  }, [held.id]);
  const close = (): void => {
    raising.value = null;
  };
  const eye = camera && words("camera.named", { number: camera.number, name: camera.name });
  const where = [eye, place === camera?.name ? "" : place].filter(Boolean).join(" · ");
  return (
    <Dialog title={words("raise.title")} onClose={close} testid="raise-dialog">
      <Form
        testid="raise-form"
        submit={
          <>
            {words("raise.submit")} <kbd>{words("key.enter")}</kbd>
          </>
        }
        onCancel={close}
        onSubmit={async (form) => {
          const note = textOf(form, "note");
          await raise({
            id: held.id,
            commune_id: held.communeId,
            kind: textOf(form, "kind") as EventKind,
            ...(held.cameraId ? { camera_id: held.cameraId } : {}),
            ...(held.point && !held.cameraId ? { point: held.point } : {}),
            ...(note ? { note } : {}),
          });
          close();
        }}
      >
        <p class="raise-place">
          <strong>{where || words("place.unknown")}</strong>
          {camera && <span class="small quiet"> {words("raise.still")}</span>}
        </p>
        <fieldset class="kinds">
          <legend class="small quiet">{words("raise.kind")}</legend>
          {BY_HAND.map((kind, i) => (
            <label class="check kind" key={kind}>
              <input type="radio" name="kind" value={kind} defaultChecked={i === 0} autofocus={i === 0} />
              {say(`kind.${kind}`)}
            </label>
          ))}
        </fieldset>
        <Area label={words("raise.note")} name="note" maxLength={500} />
      </Form>
    </Dialog>
  );
}
