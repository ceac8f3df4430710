/** Everything about one alert: the live picture beside the still, who did what, under which act. */

import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import type { Alert } from "../../shared/types.ts";
import { Age, When } from "../../shared/ui/age.tsx";
import { historyOf } from "../intents/alerts.ts";
import { AlertStill } from "../queue/still.tsx";
import { placeOfAlert } from "../queue/card.tsx";
import { Recipients } from "../queue/recipients.tsx";
import { isDown, may, room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { lookBackOnAlert } from "../state/looking.ts";
import { LookBack } from "../wall/look_back.tsx";
import { Picture } from "../wall/picture.tsx";
import { NearCameras } from "./near_cameras.tsx";
import { Go, OnMap, Row, Timeline } from "./parts.tsx";

export function AboutAlert({ alert }: { alert: Alert }): JSX.Element {
  const camera = alert.camera_id ? room.value.cameras.get(alert.camera_id) : undefined;
  const act = alert.event?.authorisation;
  const version = [alert.state, alert.handled_by?.id, ...alert.recipients.map((one) => one.arrived_at)];
  return (
    <div class="about" data-testid="about-alert">
      <h1>{say(`kind.${alert.kind}`)}</h1>
      <p>
        <span class={alert.state === "raised" ? "tag warn" : "tag"}>{say(`alert.${alert.state}`)}</span>{" "}
        {words("step.raised")} <Age since={alert.raised_at} />
      </p>
      <p>{say(`service.${alert.service}`)}</p>
      <p>{placeOfAlert(alert)}</p>
      <div class="acts">
        {camera && (
          <LookBack
            sources={[{ kind: "camera", id: camera.id }]}
            onPress={() => lookBackOnAlert(alert)}
            isBefore
          />
        )}
        <OnMap point={alert.point} />
      </div>
      {camera?.lawful.ok && may("view-cameras", camera.commune_id) && (
        <section aria-label={words("context.live")}>
          <h2 class="small quiet">{words("context.live")}</h2>
          <div class="context-picture">
            <Picture
              streamId={camera.streams.sub ?? camera.streams.main}
              label={camera.name}
              epoch={String(room.value.mediaStarts)}
              away={isDown(camera)}
            >
              <Go to={{ kind: "camera", id: camera.id }}>
                {camera.number} {camera.name}
              </Go>
            </Picture>
          </div>
        </section>
      )}
      {alert.still && (
        <section aria-label={words("context.still")}>
          <h2 class="small quiet">{words("context.still")}</h2>
          <AlertStill alert={alert} />
        </section>
      )}
      {!camera && alert.sensor_id && alert.point && <NearCameras point={alert.point} />}
      <Recipients alert={alert} />
      <dl>
        <Row name={words("alert.raised")}>
          <When at={alert.raised_at} /> {alert.raised_by?.name ?? words(`origin.${alert.origin}`)}
        </Row>
        {alert.confirmed_at && (
          <Row name={words("alert.confirmed")}>
            <When at={alert.confirmed_at} /> {alert.confirmed_by?.name}
          </Row>
        )}
        {alert.dismissed_at && (
          <Row name={words("alert.dismissed")}>
            <When at={alert.dismissed_at} /> {alert.dismissed_by?.name}
            {alert.dismissal && ` · ${say(`dismissal.${alert.dismissal}`)}`}
            {alert.dismissal_note && ` · « ${alert.dismissal_note} »`}
          </Row>
        )}
        {alert.sent_at && (
          <Row name={words("alert.sent")}>
            <When at={alert.sent_at} /> {alert.sent_by?.name}
          </Row>
        )}
        {alert.acknowledged_at && (
          <Row name={words("alert.accepted")}>
            <When at={alert.acknowledged_at} /> {alert.acknowledged_by?.call_sign}
          </Row>
        )}
        {act && (
          <Row name={words("alert.act")}>
            {act.act_reference}
            <br />
            <span class="small quiet">{act.law}</span>
          </Row>
        )}
        {alert.event?.confidence !== null && alert.event?.confidence !== undefined && (
          <Row name={words("alert.confidence")}>{Math.round(alert.event.confidence * 100)} %</Row>
        )}
        {alert.note && <Row name={words("raise.note")}>{alert.note}</Row>}
        {alert.intervention_id && (
          <Row name={words("intervention.title")}>
            <Go to={{ kind: "intervention", id: alert.intervention_id }}>
              {words("act.intervention")}
            </Go>
          </Row>
        )}
      </dl>
      <h2>{words("context.history")}</h2>
      <Timeline load={() => historyOf(alert)} version={version.join()} />
    </div>
  );
}
