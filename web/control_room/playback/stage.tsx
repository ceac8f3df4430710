/** Looking back: pictures in step, their timelines, and what is done with what they show. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { looking, type Looking } from "../state/looking.ts";
import { letterKeys } from "../state/store.ts";
import { words } from "../words/index.ts";
import { ClipDialog } from "./clips.tsx";
import { dialog, obey } from "./commands.ts";
import { Deck } from "./deck.ts";
import { AddDialog, FindDialog } from "./finding.tsx";
import { HoldDialog } from "./hold_dialog.tsx";
import { Neighbours } from "./neighbours.tsx";
import { RecordedPicture } from "./picture.tsx";
import { playCommandOf, type PlayWhere } from "./play_keys.ts";
import "./playback.css";
import "./timeline.css";
import { StillDialog } from "./still_dialog.tsx";
import { TimelineBar } from "./timeline_bar.tsx";
import { Tools } from "./tools.tsx";
import { Transport } from "./transport.tsx";
import { text } from "./words/index.ts";

export function PlaybackStage(): JSX.Element {
  const what = looking.value;
  if (what) return <Playing key={what.id} what={what} />;
  return (
    <div class="empty" data-testid="playback-empty">
      <h2>{words("stage.playback")}</h2>
      <p>{text("empty.how")}</p>
    </div>
  );
}

function Playing({ what }: { what: Looking }): JSX.Element {
  const deck = useMemo(() => new Deck(what), [what.id]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => deck.run(), [deck]);
  useEffect(() => listen(deck), [deck]);
  useEffect(() => {
    box.current?.focus();
    return () => {
      dialog.value = null;
    };
  }, []);
  const all = deck.watched.value;
  const one = deck.one;
  const columns = all.length === 1 ? 1 : all.length <= 4 ? 2 : 3;
  return (
    <div class="playback" ref={box} tabIndex={-1} data-testid="playback" data-count={all.length}>
      <Tools deck={deck} />
      <div class={`playback-grid of-${columns}`}>
        {all.map((watched, index) => (
          <div class="playback-place" key={watched.key}>
            <RecordedPicture deck={deck} watched={watched} index={index} />
            {all.length > 1 && <TimelineBar deck={deck} watched={watched} full={false} />}
          </div>
        ))}
      </div>
      <Neighbours deck={deck} />
      {one && <TimelineBar key={one.key} deck={deck} watched={one} full />}
      <Transport deck={deck} />
      <FindDialog deck={deck} />
      <AddDialog deck={deck} />
      <HoldDialog deck={deck} />
      <StillDialog deck={deck} />
      <ClipDialog deck={deck} />
    </div>
  );
}

/** Before the room's own keys, which leave alone what was answered here. */
function listen(deck: Deck): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const where = whereIs(event.target);
    const command = where && playCommandOf(event, where, letterKeys.value);
    if (command && obey(deck, command)) event.preventDefault();
  };
  addEventListener("keydown", onKey, { capture: true });
  return () => removeEventListener("keydown", onKey, { capture: true });
}

/** Null: in another region of the room, whose keys are its own. */
function whereIs(target: EventTarget | null): PlayWhere | null {
  if (!(target instanceof Element)) return null;
  if (target.closest(".queue, .context, .bar, .notices")) return null;
  if (target.closest("textarea, select, input")) return "field";
  if (target.closest("[role=slider]")) return "timeline";
  return target.closest("button, a, summary") ? "control" : "stage";
}
