/** The third step: which streams, the picture of the main one as proof, and the clock. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale } from "../../../shared/i18n/index.ts";
import { sayOffset } from "../../../shared/time.ts";
import { CameraCheck } from "../camera_check.tsx";
import type { Proposed } from "../camera_form.tsx";
import { Choice, Form } from "../../ui.tsx";
import {
  abilitiesOf,
  clockOfCamera,
  type CameraClock,
  type CameraSays,
  type StreamOffer,
  type Visit,
} from "./onvif.ts";
import { troubleOf, words } from "./words.ts";

export function PictureStep(props: {
  visit: Visit;
  name: string;
  camera: CameraSays;
  main: string | null;
  sub: string | null;
  onChosen: (proposed: Proposed) => void;
  onBack: () => void;
}): JSX.Element {
  const { visit, camera } = props;
  const [main, setMain] = useState(props.main ?? "");
  const [sub, setSub] = useState(props.sub ?? "");
  const [seen, setSeen] = useState(false);
  const offered = camera.streams.filter(({ url }) => url !== "");
  const chosen = offered.find(({ token }) => token === main);
  const small = offered.find(({ token }) => token === sub);
  const submit = async (): Promise<void> => {
    if (!chosen) return;
    props.onChosen({
      main_url: chosen.url,
      sub_url: small && small.token !== chosen.token ? small.url : null,
      username: visit.username ?? "",
      password: visit.password ?? "",
      name: props.name || camera.model,
      abilities: abilitiesOf(visit.address, camera, chosen),
    });
  };
  return (
    <Form
      testid="camera-picture"
      submit={words(seen ? "picture.next" : "picture.nextAnyway")}
      onSubmit={submit}
    >
      <p>
        {words("picture.about", {
          maker: camera.manufacturer,
          model: camera.model,
          firmware: camera.firmware,
        })}{" "}
        <Can camera={camera} />
      </p>
      <div class="form-row">
        <Choice
          label={words("picture.main")}
          value={main}
          options={offered.map(optionOf)}
          hint={chosen && chosen.codec !== "h264" ? words("picture.notPlayed") : undefined}
          onChange={setMain}
        />
        <Choice
          label={words("picture.sub")}
          value={sub}
          options={[["", words("picture.noSub")], ...offered.map(optionOf)]}
          onChange={setSub}
        />
      </div>
      <Clock visit={visit} />
      {chosen && (
        <CameraCheck
          key={chosen.url}
          address={chosen.url}
          username={visit.username ?? ""}
          password={visit.password ?? ""}
          atOnce
          onSeen={setSeen}
        />
      )}
      <button type="button" class="button plain" onClick={props.onBack}>
        {words("back")}
      </button>
    </Form>
  );
}

export function Can({ camera }: { camera: CameraSays }): JSX.Element {
  return (
    <>
      {camera.has_ptz && <span class="tag">{words("picture.ptz")}</span>}{" "}
      {camera.has_loudspeaker && <span class="tag">{words("picture.loudspeaker")}</span>}{" "}
      {camera.has_events && <span class="tag">{words("picture.events")}</span>}
    </>
  );
}

export const optionOf = ({ token, name, codec, width, height }: StreamOffer): [string, string] => [
  token,
  words("picture.size", { name: name || token, codec: codec.toUpperCase(), width, height }),
];

export function Clock({ visit }: { visit: Visit }): JSX.Element | null {
  const [clock, setClock] = useState<CameraClock | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    clockOfCamera(visit).then(setClock, () => setFailed(true));
  }, []);
  if (failed) return null; // the picture is the proof; the clock is asked again another day
  if (!clock) return <p role="status">{words("clock.busy")}</p>;
  if (clock.reason) {
    return <p class="quiet">{words("clock.failed", { reason: troubleOf(clock.reason) })}</p>;
  }
  const said = {
    offset: sayOffset(clock.offset_ms ?? 0, locale.value),
    uncertainty: Math.round(clock.uncertainty_ms ?? 0),
  };
  return clock.alarming ? (
    <p role="alert" class="is-warn">
      {words("clock.bad", said)}
    </p>
  ) : (
    <p class="quiet">{words("clock.good", said)}</p>
  );
}
