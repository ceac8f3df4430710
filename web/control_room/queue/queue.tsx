/** The queue: what waits for somebody, the most urgent first. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import { Age } from "../../shared/ui/age.tsx";
import { chooseAlert } from "../intents/alerts.ts";
import { closedOf, underKeys } from "../state/queue.ts";
import { alerts, cursor, question, queue, room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { AlertCard } from "./card.tsx";

const CLOSED_SHOWN = 12;

export function Queue(): JSX.Element {
  const waiting = queue.value;
  const next = underKeys(waiting, cursor.value, question.value !== null);
  useEffect(() => {
    cursor.value = next;
  }, [next]);
  const undecided = waiting.filter(({ state }) => state === "raised").length;
  return (
    <section class="queue" aria-labelledby="queue-title" data-testid="queue">
      <header class="region-head">
        <h1 id="queue-title">{words("queue.title")}</h1>
        {room.value.known && (
          <p class={undecided > 0 ? "tag warn" : "quiet"}>
            {undecided > 0 ? words("queue.undecided", { count: undecided }) : words("queue.calm")}
          </p>
        )}
      </header>
      {!room.value.known && <div class="skeleton queue-skeleton" />}
      {room.value.known && waiting.length === 0 && (
        <div class="empty">
          <p>{words("queue.empty")}</p>
          <p class="small">{words("queue.emptyHow")}</p>
        </div>
      )}
      <ol class="queue-list">
        {waiting.map((alert) => (
          <li key={alert.id}>
            <AlertCard alert={alert} current={alert.id === cursor.value} />
          </li>
        ))}
      </ol>
      <Closed />
    </section>
  );
}

function Closed(): JSX.Element | null {
  const closed = closedOf(alerts.value).slice(0, CLOSED_SHOWN);
  if (closed.length === 0) return null;
  return (
    <details class="queue-closed">
      <summary>{words("queue.closed", { count: closed.length })}</summary>
      <ul>
        {closed.map((alert) => (
          <li key={alert.id}>
            <button type="button" class="button plain line" onClick={() => chooseAlert(alert)}>
              <span>
                {say(`kind.${alert.kind}`)}{" "}
                <span class="quiet small">
                  {alert.dismissal
                    ? say(`dismissal.${alert.dismissal}`)
                    : say(`alert.${alert.state}`)}
                </span>
              </span>
              <Age since={alert.resolved_at ?? alert.dismissed_at ?? alert.raised_at} bare />
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
