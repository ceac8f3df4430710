/** Above the pictures: why they are looked at, finding a minute, and what can be taken of them. */

import type { IconNode } from "lucide";
import type { JSX } from "preact";
import { Camera, CalendarSearch, Film, LayoutGrid, Lock, Plus } from "lucide";
import { Icon } from "../../shared/ui/icon.tsx";
import { mayDo, MOST_PICTURES } from "../state/looking.ts";
import { stage } from "../state/store.ts";
import { dialog } from "./commands.ts";
import type { Deck } from "./deck.ts";
import { text } from "./words/index.ts";

export function Tools({ deck }: { deck: Deck }): JSX.Element {
  const shown = deck.one?.shown;
  const full = deck.watched.value.length >= MOST_PICTURES;
  return (
    <div class="playback-tools" role="toolbar" aria-label={text("tools.title")}>
      <button
        type="button"
        class="button"
        data-testid="back-to-live"
        title={text("tools.live")}
        onClick={() => (stage.value = "wall")}
      >
        <Icon node={LayoutGrid} /> <span class="tool-word">{text("tools.live")}</span>
      </button>
      <Opens what="find" icon={CalendarSearch} label={text("tools.find")} hint="G" />
      {!full && <Opens what="add" icon={Plus} label={text("tools.add")} hint="X" />}
      <span class="playback-motive small quiet" title={deck.motive}>
        {text("tools.motive", { motive: deck.motive })}
      </span>
      {mayDo("export-recordings", shown) && (
        <>
          <Opens what="still" icon={Camera} label={text("tools.still")} hint="P" />
          <Opens what="clip" icon={Film} label={text("tools.clip")} hint="E" />
        </>
      )}
      {mayDo("hold-recordings", shown) && (
        <Opens what="hold" icon={Lock} label={text("tools.hold")} hint="H" />
      )}
    </div>
  );
}

function Opens(props: {
  what: NonNullable<typeof dialog.value>;
  icon: IconNode;
  label: string;
  hint: string;
}): JSX.Element {
  return (
    <button
      type="button"
      class="button"
      data-testid={`playback-${props.what}`}
      title={`${props.label} (${props.hint})`}
      onClick={() => (dialog.value = props.what)}
    >
      <Icon node={props.icon} /> <span class="tool-word">{props.label}</span>{" "}
      <kbd>{props.hint}</kbd>
    </button>
  );
}
