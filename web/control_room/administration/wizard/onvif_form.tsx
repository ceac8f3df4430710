/** ONVIF for a camera that was added by its RTSP address alone: asked, seen, kept. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { say } from "../../../shared/i18n/index.ts";
import type { Camera } from "../../../shared/types.ts";
import { notify } from "../../notices/notices.ts";
import { Choice, Field, Form, textOf } from "../../ui.tsx";
import { words as room } from "../../words/index.ts";
import { keptCameras } from "../intents.ts";
import { text } from "../words/index.ts";
import {
  abilitiesOf,
  describeCamera,
  describeKept,
  keepAbilities,
  type CameraSays,
  type Visit,
} from "./onvif.ts";
import { Can, Clock, optionOf } from "./picture_step.tsx";
import { hostOf } from "./find_step.tsx";
import { troubleOf, words, type Trouble } from "./words.ts";

interface Said {
  visit: Visit;
  camera: CameraSays;
  main: string | null;
}

export function OnvifForm(props: { camera: Camera; onDone: () => void }): JSX.Element {
  const [said, setSaid] = useState<Said | null>(null);
  return said ? (
    <Keep camera={props.camera} said={said} onDone={props.onDone} onBack={() => setSaid(null)} />
  ) : (
    <Ask camera={props.camera} onSaid={setSaid} onDone={props.onDone} />
  );
}

function Ask(props: {
  camera: Camera;
  onSaid: (said: Said) => void;
  onDone: () => void;
}): JSX.Element {
  const { camera } = props;
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const submit = async (form: FormData): Promise<void> => {
    const address = textOf(form, "address");
    const username = textOf(form, "username");
    const password = form.get("password");
    const visit: Visit = username
      ? { address, username, password: typeof password === "string" ? password : "" }
      : { address };
    setTrouble(null);
    const found = username
      ? await describeCamera(visit)
      : await describeKept(camera.id, address);
    if (found.reason || !found.camera) setTrouble(found.reason ?? "failed");
    else props.onSaid({ visit, camera: found.camera, main: found.main });
  };
  return (
    <Form
      testid="onvif-form"
      submit={words("ask.next")}
      onSubmit={submit}
      onCancel={props.onDone}
    >
      <p class="small quiet">{words("later.why")}</p>
      <Field
        label={words("find.address")}
        hint={words("find.addressHint")}
        name="address"
        defaultValue={hostOf(camera.main_url ?? "")}
        spellcheck={false}
        required
      />
      <div class="form-row">
        <Field
          label={text("camera.username")}
          name="username"
          autocomplete="off"
          hint={words(camera.has_credentials ? "later.kept" : "ask.hint")}
        />
        <Field
          label={text("camera.password")}
          name="password"
          type="password"
          autocomplete="new-password"
        />
      </div>
      {trouble && (
        <p role="alert" class="is-warn" data-testid="trouble">
          {words("ask.failed", { reason: troubleOf(trouble) })}
        </p>
      )}
    </Form>
  );
}

function Keep(props: {
  camera: Camera;
  said: Said;
  onDone: () => void;
  onBack: () => void;
}): JSX.Element {
  const { camera, said } = props;
  const offered = said.camera.streams.filter(({ url }) => url !== "");
  const shown = offered.find(({ url }) => url === camera.main_url)?.token;
  const [profile, setProfile] = useState(shown ?? said.main ?? "");
  const stream = offered.find(({ token }) => token === profile);
  const submit = async (): Promise<void> => {
    if (!stream) return;
    const { username, password, address } = said.visit;
    // A camera is asked as who its picture is fetched as.
    if (username) await keptCameras.change(camera.id, { username, password });
    await keepAbilities(camera.id, abilitiesOf(address, said.camera, stream));
    await keptCameras.load();
    notify({ tone: "done", text: room("done.saved") });
    props.onDone();
  };
  return (
    <Form
      testid="onvif-keep"
      submit={say("act.save")}
      onSubmit={submit}
      onCancel={props.onDone}
    >
      <p>
        {words("picture.about", {
          maker: said.camera.manufacturer,
          model: said.camera.model,
          firmware: said.camera.firmware,
        })}{" "}
        <Can camera={said.camera} />
      </p>
      <Choice
        label={words("later.stream")}
        value={profile}
        options={offered.map(optionOf)}
        onChange={setProfile}
      />
      {said.visit.username && <p class="small">{words("later.also")}</p>}
      {said.visit.username && <Clock visit={said.visit} />}
      <button type="button" class="button plain" onClick={props.onBack}>
        {words("back")}
      </button>
    </Form>
  );
}
