/** The answers to an alert, each with its key. */

import type { ComponentChildren, JSX } from "preact";
import type { Alert } from "../../shared/types.ts";
import { confirm, resolve } from "../intents/alerts.ts";
import { showLarge } from "../keyboard/keyboard.ts";
import { may, question, selection } from "../state/store.ts";
import { words } from "../words/index.ts";

export function Acts({ alert }: { alert: Alert }): JSX.Element {
  const decides = may("decide-alerts", alert.commune_id);
  const sends = may("send-alerts", alert.commune_id);
  const undecided = alert.state === "raised";
  const panic = alert.kind === "panic";
  const asking = question.value !== null;
  return (
    <div class="acts">
      {undecided && decides && !panic && (
        <Act keys={words("key.enter")} tone="primary" testid="confirm" onPress={() => void confirm(alert)}>
          {words("act.confirm")}
        </Act>
      )}
      {(undecided || alert.state === "confirmed") && decides && !asking && (
        <Act keys="⌫" testid="dismiss" onPress={() => (question.value = "reason")}>
          {words("act.dismiss")}
        </Act>
      )}
      {sends && !asking && (panic || !undecided) && (
        <Act
          keys="U"
          tone={alert.state === "confirmed" || panic ? "primary" : ""}
          testid="choose-units"
          onPress={() => (question.value = "units")}
        >
          {words(alert.recipients.length > 0 ? "act.moreUnits" : "act.chooseUnits")}
        </Act>
      )}
      {alert.camera_id && (
        <Act
          keys="I"
          testid="show-picture"
          onPress={() => showLarge({ kind: "camera", id: alert.camera_id as string })}
        >
          {words("act.picture")}
        </Act>
      )}
      {alert.intervention_id && (
        <Act
          testid="show-intervention"
          onPress={() =>
            (selection.value = { kind: "intervention", id: alert.intervention_id as string })
          }
        >
          {words("act.intervention")}
        </Act>
      )}
      {(alert.state === "confirmed" || alert.state === "sent") && sends && !asking && (
        <Act testid="resolve" onPress={() => void resolve(alert)}>
          {words("act.resolve")}
        </Act>
      )}
    </div>
  );
}

function Act(props: {
  keys?: string;
  tone?: string;
  testid: string;
  onPress: () => void;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`button ${props.tone ?? ""}`}
      data-testid={props.testid}
      onClick={(event) => {
        event.stopPropagation();
        props.onPress();
      }}
    >
      {props.children}
      {props.keys && <kbd>{props.keys}</kbd>}
    </button>
  );
}
