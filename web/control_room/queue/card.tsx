/** One alert in the queue: what, where, since when, under which authorisation, and the answers. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Eye, OctagonAlert, TriangleAlert } from "lucide";
import { say } from "../../shared/i18n/index.ts";
import { now } from "../../shared/time.ts";
import type { Alert } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import { chooseAlert, handle, isMine } from "../intents/alerts.ts";
import { isLate } from "../state/queue.ts";
import { may, me, question, room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Acts } from "./acts.tsx";
import { Reasons } from "./reasons.tsx";
import { Recipients } from "./recipients.tsx";
import { AlertStill } from "./still.tsx";
import { ChooseUnits } from "./units.tsx";

export function AlertCard({ alert, current }: { alert: Alert; current: boolean }): JSX.Element {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (current) card.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const panic = alert.kind === "panic" && alert.state !== "acknowledged";
  const late = isLate(alert, now.value);
  const tone = panic ? "panic" : alert.state === "raised" ? "raised" : "calm";
  return (
    <article
      ref={card}
      class={`alert-card ${tone}${current ? " current" : ""}`}
      data-testid="alert-card"
      data-alert={alert.id}
      data-state={alert.state}
      data-kind={alert.kind}
      aria-labelledby={`alert-${alert.id}`}
      aria-current={current ? "true" : undefined}
      tabIndex={current ? 0 : -1}
      onClick={() => chooseAlert(alert)}
      onFocus={(event) => {
        if (event.target === card.current && !current) chooseAlert(alert);
      }}
    >
      <header class="alert-head">
        <Icon node={panic ? OctagonAlert : TriangleAlert} />
        <h2 id={`alert-${alert.id}`}>
          {say(`kind.${alert.kind}`)}
          <span class="unseen">, {placeOfAlert(alert)}</span>
        </h2>
        <span class={late ? "alert-age late" : "alert-age"}>
          {late && <span class="unseen">{words("alert.late")} </span>}
          <Age since={alert.raised_at} bare />
        </span>
      </header>
      <p class="alert-place">{placeOfAlert(alert)}</p>
      {/* The police's are the rule, and need no word. */}
      {alert.service !== "police" && (
        <p class="small" data-testid="alert-service">
          {say(`service.${alert.service}`)}
        </p>
      )}
      {alert.still && <AlertStill alert={alert} />}
      {alert.note && <p class="alert-note">« {alert.note} »</p>}
      <Standing alert={alert} />
      {current && <Acts alert={alert} />}
      {current && question.value === "reason" && <Reasons alert={alert} />}
      {current && question.value === "units" && <ChooseUnits alert={alert} />}
      <Recipients alert={alert} />
      {current && alert.event?.authorisation && (
        <p class="small quiet">
          {words("alert.under", {
            act: alert.event.authorisation.act_reference,
            law: alert.event.authorisation.law,
          })}
        </p>
      )}
    </article>
  );
}

/** Whose it is, and how far it has come. */
function Standing({ alert }: { alert: Alert }): JSX.Element {
  const other = alert.handled_by && !isMine(alert) ? alert.handled_by.name : null;
  const author = alert.raised_by;
  return (
    <p class="alert-standing small">
      {/* An agent's alarm asks for no confirmation, only for somebody to go. */}
      <span class={alert.state === "raised" ? "tag warn" : "tag"}>
        {alert.kind === "panic" && alert.state === "raised"
          ? words("alert.unanswered")
          : say(`alert.${alert.state}`)}
      </span>
      {other && (
        <span class="tag" data-testid="handled-by">
          <Icon node={Eye} size={14} /> {words("alert.handledBy", { name: other })}
        </span>
      )}
      {author && (
        <span class="quiet">
          {author.id === me.value?.person.id
            ? words("alert.byMe")
            : words("alert.byHand", { name: author.name })}
        </span>
      )}
      {alert.origin === "sensor" && <span class="quiet">{words("alert.bySensor")}</span>}
      {alert.origin === "detector" && <span class="quiet">{words("alert.byDetector")}</span>}
      {(alert.events ?? 1) > 1 && (
        <span class="tag">{words("alert.events", { count: alert.events ?? 1 })}</span>
      )}
      {alert.state === "raised" && !alert.handled_by && may("decide-alerts", alert.commune_id) && (
        <button
          type="button"
          class="link"
          onClick={(event) => {
            event.stopPropagation();
            chooseAlert(alert);
            void handle(alert);
          }}
        >
          {words("alert.take")}
        </button>
      )}
    </p>
  );
}

/** The camera by number and name, and the address when it is known. */
export function placeOfAlert(alert: Alert): string {
  const camera = alert.camera_id ? room.value.cameras.get(alert.camera_id) : undefined;
  const eye = camera ? words("camera.named", { number: camera.number, name: camera.name }) : "";
  // Cameras are often named after their place: it is said once.
  const place = camera && camera.name === alert.place ? "" : alert.place;
  return [eye, place].filter(Boolean).join(" · ") || words("place.unknown");
}
