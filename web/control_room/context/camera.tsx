/** One camera: its picture, whether it is there and lawful, and what is near it. */

import type { JSX } from "preact";
import { sayDetail } from "../../shared/i18n/details.ts";
import { locale, say, sayNumber } from "../../shared/i18n/index.ts";
import { distanceM, sayDistance } from "../../shared/geo.ts";
import type { Camera, CameraTime } from "../../shared/types.ts";
import { sayOffset } from "../../shared/time.ts";
import { Age, When } from "../../shared/ui/age.tsx";
import { showLarge } from "../keyboard/keyboard.ts";
import { raiseAt } from "../queue/raise.tsx";
import { isDown, may, onShift, room } from "../state/store.ts";
import { maySpeakThrough, speakTo, talkerOf } from "../talk/opening.ts";
import { words } from "../words/index.ts";
import { ImpairedTag } from "../wall/impaired_tag.tsx";
import { LookBack } from "../wall/look_back.tsx";
import { Picture } from "../wall/picture.tsx";
import { useRuleStates, WatchedNow } from "../watching/watched_now.tsx";
import { Go, OnMap, Row } from "./parts.tsx";
import { CameraVitals } from "./vitals.tsx";

const NEAREST = 3;

export function AboutCamera({ camera }: { camera: Camera }): JSX.Element {
  const near = onShift.value
    .flatMap((unit) =>
      unit.position ? [{ unit, metres: distanceM(unit.position.point, camera.point) }] : [],
    )
    .toSorted((a, b) => a.metres - b.metres)
    .slice(0, NEAREST);
  const talker = talkerOf(camera);
  const states = useRuleStates({ camera: camera.id }, camera);
  return (
    <div class="about" data-testid="about-camera">
      <h1>
        {camera.number} {camera.name}
      </h1>
      <p class="quiet">{camera.place}</p>
      {camera.lawful.ok && may("view-cameras", camera.commune_id) ? (
        <div class="context-picture">
          <Picture
            streamId={camera.streams.sub ?? camera.streams.main}
            label={camera.name}
            epoch={String(room.value.mediaStarts)}
            away={isDown(camera)}
          />
        </div>
      ) : (
        <div class="fault-box">
          <strong>{words("camera.unlawful")}</strong>
          <p>{sayDetail(camera.lawful.reason ?? "")}</p>
        </div>
      )}
      <div class="acts">
        <button
          type="button"
          class="button"
          onClick={() => showLarge({ kind: "camera", id: camera.id })}
        >
          {words("act.picture")} <kbd>I</kbd>
        </button>
        {may("raise-alerts", camera.commune_id) && (
          <button
            type="button"
            class="button"
            data-testid="raise-from-camera"
            onClick={() => raiseAt(camera.commune_id, camera.point, camera.id)}
          >
            {words("act.raise")} <kbd>A</kbd>
          </button>
        )}
        {maySpeakThrough(camera) && (
          <button
            type="button"
            class="button"
            data-testid="speak"
            onClick={() => (speakTo.value = camera.id)}
          >
            {words("act.speak")} <kbd>H</kbd>
          </button>
        )}
        <LookBack sources={[{ kind: "camera", id: camera.id }]} />
        <OnMap point={camera.point} />
      </div>
      <dl>
        <Row name={words("camera.state")}>
          {camera.state === null ? (
            words("camera.neverSeen")
          ) : (
            <>
              {isDown(camera) ? (
                <span class="tag warn">{words("camera.down")}</span>
              ) : (
                words("camera.up")
              )}{" "}
              {words("camera.since")} <Age since={camera.state.since} bare /> <ImpairedTag id={camera.id} />
              {camera.state.reason && <span class="small quiet"> {sayDetail(camera.state.reason)}</span>}
            </>
          )}
        </Row>
        {talker && (
          <Row name={words("camera.talker")}>
            <span class="tag danger">{talker.name}</span> <Age since={talker.since} bare />
          </Row>
        )}
        <Row name={words("camera.watching")}>{camera.watching}</Row>
        <Row name={words("camera.detection")}>
          <WatchedNow camera={camera} rules={states} />
          {camera.detection.authorised_until ? (
            <p class="small quiet authorised">
              {words("camera.detectionUntil")} <When at={camera.detection.authorised_until} />{" "}
              ({camera.detection.kinds.map((kind) => say(`kind.${kind}`)).join(", ")})
            </p>
          ) : (
            <p>{words("camera.noDetection")}</p>
          )}
          {camera.detection.suspended.map(({ id, kind, suspended_at }) => (
            <p key={id} data-testid="suspended">
              <span class="tag warn">{words("camera.suspended", { kind: say(`kind.${kind}`) })}</span>{" "}
              <Age since={suspended_at} />
            </p>
          ))}
        </Row>
        {camera.state?.clock_offset_ms !== null && camera.state?.clock_offset_ms !== undefined && (
          <Row name={words("camera.clock")}>{Math.round(camera.state.clock_offset_ms)} ms</Row>
        )}
        {camera.clock && <OwnClock clock={camera.clock} />}
        {camera.state?.up && may("manage-cameras", camera.commune_id) && (
          <CameraVitals id={camera.id} since={camera.state.since} />
        )}
        {camera.demonstration && (
          <Row name={words("camera.kind")}>
            <span class="tag">{say("demonstration")}</span>
          </Row>
        )}
      </dl>
      <h2>{words("camera.near")}</h2>
      {near.length === 0 && <p class="small quiet">{words("units.nobody")}</p>}
      <ul>
        {near.map(({ unit, metres }) => (
          <li key={unit.id} class="near">
            <Go to={{ kind: "unit", id: unit.id }}>{unit.call_sign}</Go>
            <span>{sayDistance(metres, locale.value)}</span>
            <span class="quiet">{say(`unit.${unit.state}`)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Its own clock, as it was last compared with ours. */
function OwnClock({ clock }: { clock: CameraTime }): JSX.Element {
  const { offset_ms, uncertainty_ms, read_at, wrong_since, drift_s_a_day } = clock;
  return (
    <Row name={words("camera.ownClock")}>
      {sayOffset(offset_ms, locale.value)} ± {Math.round(uncertainty_ms)} ms{" "}
      {wrong_since && <span class="tag warn">{words("camera.clockWrong")}</span>}
      <span class="small quiet">
        {drift_s_a_day !== null &&
          ` ${words("camera.clockDrift", { drift: sayNumber(drift_s_a_day, 1) })}`}{" "}
        <Age since={read_at} bare />
      </span>
    </Row>
  );
}
