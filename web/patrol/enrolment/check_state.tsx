/** One check: a button, then what came of it. */

import { Check, CircleX } from "lucide";
import type { ComponentChildren, JSX } from "preact";
import { Icon } from "../../shared/ui/icon.tsx";
import { words } from "../words/index.ts";

export type CheckState =
  | { state: "ready" | "asking" }
  | { state: "good"; text: string }
  | { state: "bad"; text: string };

interface Props {
  name: string;
  now: CheckState;
  /** What the button says before the first try. */
  act?: string;
  onTry: () => void;
  children?: ComponentChildren;
}

export function CheckView({ name, now, act, onTry, children }: Props): JSX.Element {
  return (
    <>
      <div class="check-test">{children}</div>
      <div class="check-result" role="status" data-testid={`check-${name}`} data-state={now.state}>
        {now.state === "asking" && <p class="quiet">{words("checks.asking")}</p>}
        {now.state === "good" && (
          <p class="good">
            <Icon node={Check} size={24} />
            <span>
              <strong>{words("checks.good")}.</strong> {now.text}
            </span>
          </p>
        )}
        {now.state === "bad" && (
          <p class="bad">
            <Icon node={CircleX} size={24} />
            <span>{now.text}</span>
          </p>
        )}
      </div>
      <button
        type="button"
        class={now.state === "good" ? "button glove" : "button primary glove"}
        disabled={now.state === "asking"}
        data-testid={`allow-${name}`}
        onClick={onTry}
      >
        {now.state === "ready" || now.state === "asking"
          ? (act ?? words("checks.allow"))
          : words("checks.again")}
      </button>
    </>
  );
}
