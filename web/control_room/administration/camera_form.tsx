/** A camera's form: address and check, place on the map, the order it rests on. */

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { point } from "../../shared/geo.ts";
import { now } from "../../shared/time.ts";
import type { Camera } from "../../shared/types.ts";
import { notify } from "../notices/notices.ts";
import { me } from "../state/store.ts";
import { Choice, Field, Form, numberOf, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { CameraCheck } from "./camera_check.tsx";
import { orders } from "./collection.ts";
import { Coordinates, pointIn } from "./coordinates.tsx";
import { keptCameras } from "./intents.ts";
import { Drawing, PlacePicker, type Cone } from "./place_picker.tsx";
import { keepAbilities, type Abilities } from "./wizard/onvif.ts";
import { text } from "./words/index.ts";

/** What a camera has said of itself: the form keeps it with the place. */
export interface Proposed {
  main_url: string;
  sub_url: string | null;
  username: string;
  password: string;
  name: string;
  abilities: Abilities;
}

const NEW: Cone = { bearing_deg: 0, field_of_view_deg: 70, range_m: 50 };

export function CameraForm(props: {
  camera: Camera | null;
  proposed?: Proposed | null;
  onBack?: () => void;
  onDone: () => void;
}): JSX.Element {
  const { camera } = props;
  const proposed = props.proposed ?? null;
  const [id] = useState(() => crypto.randomUUID());
  const [address, setAddress] = useState(camera?.main_url ?? proposed?.main_url ?? "");
  const [username, setUsername] = useState(proposed?.username ?? "");
  const [password, setPassword] = useState(proposed?.password ?? "");
  const commune = me.value?.communes.find((one) => one.id === (camera?.commune_id ?? here.value));
  const drawing = useMemo(
    () => new Drawing(camera ? [camera.point.coordinates] : [], true, camera ?? NEW),
    [],
  );
  const cone = (change: Partial<Cone>): void => {
    drawing.cone.value = { ...(drawing.cone.value ?? NEW), ...change };
  };
  useEffect(() => void orders.load(), []);
  const mine = orders.things.filter(({ commune_id }) => commune_id === commune?.id);
  const next = Math.max(0, ...keptCameras.things.map(({ number }) => number)) + 1;
  const submit = async (form: FormData): Promise<void> => {
    const place = textOf(form, "place");
    const body = {
      number: numberOf(form, "number"),
      name: textOf(form, "name"),
      // What is left as it was is not sent: a demonstration's file is no address to type.
      ...(address.trim() === camera?.main_url ? {} : { main_url: address.trim() }),
      sub_url: textOf(form, "sub_url") || null,
      ...(username ? { username, password } : {}),
      point: pointIn(form),
      bearing_deg: numberOf(form, "bearing_deg"),
      field_of_view_deg: numberOf(form, "field_of_view_deg"),
      range_m: numberOf(form, "range_m"),
      place_kind: textOf(form, "place_kind"),
      ...(place ? { place } : {}),
      order_id: textOf(form, "order_id") || null,
      transport: textOf(form, "transport"),
      transcode: textOf(form, "transcode") === "yes",
    };
    if (camera) await keptCameras.change(camera.id, body);
    else await keptCameras.add({ id, commune_id: commune?.id, ...body });
    if (proposed && !camera) await keepAbilities(id, proposed.abilities);
    notify({ tone: "done", text: words("done.saved") });
    props.onDone();
  };
  return (
    <Form testid="camera-form" submit={say("act.save")} onCancel={props.onBack ?? props.onDone} onSubmit={submit}>
      <div class="two-columns">
        <div class="form">
          <div class="form-row">
            <Field
              label={text("camera.number")}
              name="number"
              type="number"
              min={1}
              max={99999}
              defaultValue={camera?.number ?? next}
              required
            />
            <Field label={text("camera.name")} name="name" defaultValue={camera?.name ?? proposed?.name} required />
          </div>
          <Field
            label={text("camera.mainUrl")}
            value={address}
            onInput={setAddress}
            placeholder="rtsp://…"
            spellcheck={false}
            hint={text("camera.urlHint")}
            required
          />
          <Field
            label={text("camera.subUrl")}
            name="sub_url"
            defaultValue={camera?.sub_url ?? proposed?.sub_url ?? ""}
            placeholder="rtsp://…"
            spellcheck={false}
            hint={text("camera.subHint")}
          />
          <div class="form-row">
            <Field
              label={text("camera.username")}
              value={username}
              onInput={setUsername}
              autocomplete="off"
            />
            <Field
              label={text("camera.password")}
              type="password"
              value={password}
              onInput={setPassword}
              autocomplete="new-password"
              hint={text(camera?.has_credentials ? "camera.passwordKept" : "camera.passwordHint")}
            />
          </div>
          <div class="form-row">
            <Choice
              label={text("camera.transport")}
              name="transport"
              value={camera?.transport ?? "auto"}
              options={[
                ["auto", text("camera.transport.auto")],
                ["tcp", "TCP"],
                ["udp", "UDP"],
              ]}
            />
            <Choice
              label={text("camera.transcode")}
              name="transcode"
              value={camera?.transcode ? "yes" : "no"}
              hint={text("camera.transcodeHint")}
              options={[
                ["no", text("camera.transcode.no")],
                ["yes", text("camera.transcode.yes")],
              ]}
            />
          </div>
          <CameraCheck address={address} username={username} password={password} />
        </div>
        <div class="form">
          <PlacePicker
            drawing={drawing}
            centre={camera?.point ?? commune?.centre ?? point(2.35, 48.85)}
          />
          <Coordinates drawing={drawing} />
          <div class="form-row">
            <Field
              label={text("camera.bearing")}
              name="bearing_deg"
              type="number"
              min={0}
              max={359}
              defaultValue={Math.round(camera?.bearing_deg ?? NEW.bearing_deg)}
              onInput={(value) => cone({ bearing_deg: Number(value) })}
              required
            />
            <Field
              label={text("camera.field")}
              name="field_of_view_deg"
              type="number"
              min={1}
              max={360}
              defaultValue={Math.round(camera?.field_of_view_deg ?? NEW.field_of_view_deg)}
              onInput={(value) => cone({ field_of_view_deg: Math.max(1, Number(value)) })}
              required
            />
            <Field
              label={text("camera.range")}
              name="range_m"
              type="number"
              min={1}
              max={2000}
              defaultValue={Math.round(camera?.range_m ?? NEW.range_m)}
              onInput={(value) => cone({ range_m: Math.max(1, Number(value)) })}
              required
            />
          </div>
          <Field
            label={text("camera.place")}
            name="place"
            defaultValue={camera?.place}
            hint={text("camera.placeHint")}
          />
          <div class="form-row">
            <Choice
              label={text("camera.placeKind")}
              name="place_kind"
              value={camera?.place_kind ?? "public-road"}
              options={[
                ["public-road", text("placeKind.public-road")],
                ["closed-to-public", text("placeKind.closed-to-public")],
              ]}
            />
            <Choice
              label={text("camera.order")}
              name="order_id"
              value={camera?.order_id ?? mine.findLast(({ ends_at }) => Date.parse(ends_at) > now.peek())?.id}
              hint={text("camera.orderHint")}
              options={[
                ["", text("camera.noOrder")],
                ...mine.map(({ id: key, number }) => [key, number] as const),
              ]}
            />
          </div>
        </div>
      </div>
    </Form>
  );
}
