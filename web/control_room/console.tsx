/** The console: bar, queue, stage, context; or one region alone, on another screen. */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { lazyStage } from "./stage.tsx";
import { Bar } from "./bar/bar.tsx";
import { Context } from "./context/context.tsx";
import { helpShown } from "./keyboard/help_shown.ts";
import { Queue } from "./queue/queue.tsx";
import { RaiseDialog } from "./queue/raise.tsx";
import { asked } from "./state/looking.ts";
import { may, only, stage } from "./state/store.ts";
import { speakTo } from "./talk/opening.ts";
import { wallDialog } from "./wall/driving.tsx";
import { words } from "./words/index.ts";

const WallDialog = lazy(() => import("./wall/dialog.tsx").then(({ WallDialog: view }) => view));
const MotiveDialog = lazy(() =>
  import("./wall/motive_dialog.tsx").then(({ MotiveDialog: view }) => view),
);
const TalkDialog = lazy(() =>
  import("./talk/talk_dialog.tsx").then(({ TalkDialog: view }) => view),
);
const KeysHelp = lazy(() => import("./keyboard/help.tsx").then(({ KeysHelp: view }) => view));

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
      {wallDialog.value && (
        <Suspense fallback={null}>
          <WallDialog />
        </Suspense>
      )}
      {asked.value && (
        <Suspense fallback={null}>
          <MotiveDialog />
        </Suspense>
      )}
      {speakTo.value && (
        <Suspense fallback={null}>
          <TalkDialog />
        </Suspense>
      )}
      {helpShown.value && (
        <Suspense fallback={null}>
          <KeysHelp />
        </Suspense>
      )}
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
