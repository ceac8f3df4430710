/** Play, stop, faster, one picture on: each with its key. The time is told beside them. */

import type { IconNode } from "lucide";
import type { JSX } from "preact";
import {
  ChevronFirst,
  ChevronLast,
  FastForward,
  Pause,
  Play,
  Rewind,
  SkipBack,
  SkipForward,
  StepBack,
  StepForward,
  X,
} from "lucide";
import { locale } from "../../shared/i18n/index.ts";
import { sayTime } from "../../shared/moments.ts";
import { now, sayAbsolute, sayDay } from "../../shared/time.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { instant } from "./api.ts";
import { SPEEDS } from "./clock.ts";
import { obey } from "./commands.ts";
import type { Deck } from "./deck.ts";
import type { PlayCommand } from "./play_keys.ts";
import { text } from "./words/index.ts";

type Button = readonly [PlayCommand, IconNode, Parameters<typeof text>[0], string];

const BEFORE: readonly Button[] = [
  [{ do: "first" }, ChevronFirst, "transport.first", "Home"],
  [{ do: "jump", by_s: -60 }, SkipBack, "transport.minuteBack", "PageUp"],
  [{ do: "backward" }, Rewind, "transport.backward", "J"],
  [{ do: "step", by: -1 }, StepBack, "transport.stepBack", ","],
];
const AFTER: readonly Button[] = [
  [{ do: "step", by: 1 }, StepForward, "transport.step", "."],
  [{ do: "forward" }, FastForward, "transport.forward", "L"],
  [{ do: "jump", by_s: 60 }, SkipForward, "transport.minute", "PageDown"],
  [{ do: "last" }, ChevronLast, "transport.last", "End"],
];

export function Transport({ deck }: { deck: Deck }): JSX.Element {
  const rate = deck.rate.value;
  const plays = rate !== 0;
  return (
    <div class="transport" role="toolbar" aria-label={text("transport.title")}>
      <Time deck={deck} />
      <div class="group">
        {BEFORE.map((button) => (
          <Does key={button[2]} deck={deck} button={button} />
        ))}
        <button
          type="button"
          class="button icon primary"
          data-testid="play"
          data-rate={rate}
          aria-label={text(plays ? "transport.pause" : "transport.play")}
          title={`${text(plays ? "transport.pause" : "transport.play")} (K)`}
          onClick={() => obey(deck, { do: "play-or-pause" })}
        >
          <Icon node={plays ? Pause : Play} />
        </button>
        {AFTER.map((button) => (
          <Does key={button[2]} deck={deck} button={button} />
        ))}
      </div>
      <select
        class="input transport-speed"
        aria-label={text("transport.speed")}
        title={`${text("transport.speed")} (< >)`}
        value={String(Math.abs(rate) || 1)}
        onChange={(event) =>
          deck.setRate((Math.sign(rate) || 1) * Number(event.currentTarget.value))
        }
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={String(speed)} selected={(Math.abs(rate) || 1) === speed}>
            {speed} ×
          </option>
        ))}
      </select>
      <Marked deck={deck} />
      <span class="small transport-state" role="status">
        {deck.isLive.value
          ? text("transport.live")
          : deck.isWaiting.value && plays
            ? text("transport.waits")
            : rate < 0
              ? text("transport.goesBack", { rate: -rate })
              : ""}
      </span>
    </div>
  );
}

function Does({ deck, button }: { deck: Deck; button: Button }): JSX.Element {
  const [command, icon, label, key] = button;
  return (
    <button
      type="button"
      class="button icon plain"
      aria-label={text(label)}
      title={`${text(label)} (${key})`}
      data-testid={label.replace(".", "-")}
      onClick={() => obey(deck, command)}
    >
      <Icon node={icon} />
    </button>
  );
}

function Time({ deck }: { deck: Deck }): JSX.Element {
  const at = deck.at.value;
  return (
    <p class="transport-time" title={sayAbsolute(instant(at), locale.value)}>
      <time dateTime={instant(at)} data-testid="playback-time" data-at={Math.round(at)}>
        {sayTime(at)}
      </time>
      <span class="small quiet"> {sayDay(instant(at), now.value, locale.value)}</span>
    </p>
  );
}

/** The hours that were marked with `I` and `O`, or drawn with Shift. */
function Marked({ deck }: { deck: Deck }): JSX.Element | null {
  const marked = deck.marked.value;
  if (!marked) return null;
  return (
    <span class="tag accent playback-marked" data-testid="marked">
      {sayTime(marked.from)} – {sayTime(marked.to)}
      <button
        type="button"
        class="button plain icon"
        aria-label={text("tools.unmark")}
        onClick={() => (deck.marked.value = null)}
      >
        <Icon node={X} size={14} />
      </button>
    </span>
  );
}
