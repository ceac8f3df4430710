/** A patrol's live stream: why it films, who received it, who watches. */

import type { JSX } from "preact";
import { say } from "../../shared/i18n/index.ts";
import type { PatrolStream } from "../../shared/types.ts";
import { Age, When } from "../../shared/ui/age.tsx";
import { receive } from "../intents/interventions.ts";
import { showLarge } from "../keyboard/keyboard.ts";
import { room } from "../state/store.ts";
import { LookBack } from "../wall/look_back.tsx";
import { words } from "../words/index.ts";
import { Go, OnMap, Row } from "./parts.tsx";

export function AboutStream({ stream }: { stream: PatrolStream }): JSX.Element {
  const unit = room.value.units.get(stream.unit_id);
  return (
    <div class="about" data-testid="about-stream">
      <h1>{words("stream.of", { unit: stream.call_sign })}</h1>
      <p>
        <span class="tag danger">{say(`threat.${stream.reason}`)}</span>{" "}
        <Age since={stream.started_at} />
      </p>
      <div class="acts">
        {!stream.ended_at && (
          <button
            type="button"
            class="button"
            onClick={() => showLarge({ kind: "stream", id: stream.id })}
          >
            {words("act.picture")}
          </button>
        )}
        {!stream.received_by && !stream.ended_at && (
          <button type="button" class="button danger" onClick={() => void receive(stream)}>
            {words("stream.receive")}
          </button>
        )}
        <LookBack sources={[{ kind: "stream", id: stream.id }]} />
        <OnMap point={unit?.position?.point} />
      </div>
      <dl>
        <Row name={words("stream.unit")}>
          <Go to={{ kind: "unit", id: stream.unit_id }}>{stream.call_sign}</Go>
        </Row>
        <Row name={words("stream.state")}>
          {stream.ended_at ? (
            <>
              {words("stream.ended")} <When at={stream.ended_at} />
            </>
          ) : (
            words(stream.live ? "stream.live" : "stream.cut")
          )}
        </Row>
        {stream.received_at && (
          <Row name={words("stream.received")}>
            <When at={stream.received_at} /> {stream.received_by?.name}
          </Row>
        )}
        <Row name={words("camera.watching")}>{stream.viewers}</Row>
        {stream.intervention_id && (
          <Row name={words("intervention.title")}>
            <Go to={{ kind: "intervention", id: stream.intervention_id }}>
              {words("act.intervention")}
            </Go>
          </Row>
        )}
      </dl>
      <p class="small quiet">{words("stream.law")}</p>
    </div>
  );
}
