/** The console: bar, queue, stage, context; or one region alone, on another screen. */

import type { JSX } from "preact";
import { lazyStage } from "./stage.tsx";
import { Bar } from "./bar/bar.tsx";
import { Context } from "./context/context.tsx";
import { KeysHelp } from "./keyboard/help.tsx";
import { Queue } from "./queue/queue.tsx";
import { RaiseDialog } from "./queue/raise.tsx";
import { may, only, stage } from "./state/store.ts";
import { WallDialog } from "./wall/dialog.tsx";
import { LookBackDialog } from "./wall/look_back.tsx";
import { words } from "./words/index.ts";

export function Console(): JSX.Element {
  const alone = only.value;
  const works = may("see-alerts");
  const administers = stage.value === "administration";
  const shape = alone ? "alone" : !works ? "office" : administers ? "wide" : "full";
  return (
    <div class={`console ${shape}`}>
      <a class="skip" href="#stage" onClick={skipTo("stage")}>
        {words("skip.stage")}
      </a>
      <Bar />
      {works && (!alone || alone === "queue") && <Queue />}
      {(!alone || alone === "stage") && (
        <main class="stage" id="stage" tabIndex={-1} aria-label={words(`stage.${stage.value}`)}>
          {lazyStage()}
        </main>
      )}
      {works && (alone ? alone === "context" : !administers) && <Context />}
      <RaiseDialog />
      <WallDialog />
      <LookBackDialog />
      <KeysHelp />
    </div>
  );
}

/** The address belongs to the router, so the jump is made by hand. */
function skipTo(id: string): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    document.getElementById(id)?.focus();
  };
}
