/** The thin bar on top: communes, clock, health in one word, who is here, search. */

import type { JSX } from "preact";
import {
  CircleQuestionMark,
  History,
  LayoutGrid,
  Map as MapIcon,
  Moon,
  Settings,
  SquareKanban,
  Sun,
  Volume2,
  VolumeX,
} from "lucide";
import { now, sayClock } from "../../shared/time.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { helpShown } from "../keyboard/help_shown.ts";
import { allowSound, muted, toggleMute, waitsForTouch } from "../notices/sounds.ts";
import { looking } from "../state/looking.ts";
import { chooseTheme, link, may, stage, theme, type Stage } from "../state/store.ts";
import { words } from "../words/index.ts";
import { CommunesInView } from "./communes.tsx";
import { HealthWord } from "./health.tsx";
import { Search } from "./search.tsx";
import { Who } from "./who.tsx";

export function Bar(): JSX.Element {
  return (
    <header class="bar">
      <CommunesInView />
      <p class="bar-clock" data-testid="clock">
        <span class="unseen">{words("bar.clock")} </span>
        <time>{sayClock(now.value)}</time>
      </p>
      <LinkWord />
      <HealthWord />
      <Stages />
      <Search />
      <Sound />
      <button
        type="button"
        class="button plain icon"
        aria-label={words(theme.value === "night" ? "theme.day" : "theme.night")}
        title={words(theme.value === "night" ? "theme.day" : "theme.night")}
        onClick={() => chooseTheme(theme.value === "night" ? "day" : "night")}
      >
        <Icon node={theme.value === "night" ? Sun : Moon} />
      </button>
      <button
        type="button"
        class="button plain icon"
        aria-label={words("keys.title")}
        title={`${words("keys.title")} (?)`}
        onClick={() => (helpShown.value = true)}
      >
        <Icon node={CircleQuestionMark} />
      </button>
      <Who />
    </header>
  );
}

/** Said only when the page is behind: a room that does not move must not look calm. */
function LinkWord(): JSX.Element | null {
  const state = link.value;
  if (state.phase !== "lost") return null;
  const seconds = Math.max(0, Math.round((Date.now() - state.since) / 1000));
  void now.value; // counts on each second
  return (
    <p class="tag danger bar-link" role="status">
      {words("link.lost", { seconds })}
    </p>
  );
}

const STAGES: readonly [Stage, typeof MapIcon, string][] = [
  ["wall", LayoutGrid, "M"],
  ["map", MapIcon, "M"],
  ["board", SquareKanban, "B"],
];

function Stages(): JSX.Element {
  const office = may("read-setup");
  return (
    <nav class="bar-stages" aria-label={words("bar.stages")}>
      {may("see-alerts") &&
        STAGES.map(([name, icon, key]) => (
          <StageButton key={name} name={name} icon={icon} hint={key} />
        ))}
      {looking.value && <StageButton name="playback" icon={History} />}
      {office && <StageButton name="administration" icon={Settings} />}
    </nav>
  );
}

function StageButton(props: {
  name: Stage;
  icon: typeof MapIcon;
  hint?: string;
}): JSX.Element {
  const label = words(`stage.${props.name}`);
  // Who has no part in the room's work has the office alone.
  const shown = may("see-alerts") ? stage.value : "administration";
  return (
    <button
      type="button"
      class="button plain"
      data-testid={`stage-${props.name}`}
      aria-current={shown === props.name ? "page" : undefined}
      title={props.hint ? `${label} (${props.hint})` : label}
      onClick={() => (stage.value = props.name)}
    >
      <Icon node={props.icon} />
      <span>{label}</span>
    </button>
  );
}

function Sound(): JSX.Element {
  if (waitsForTouch.value && !muted.value) {
    return (
      <button type="button" class="button warn" data-testid="allow-sound" onClick={allowSound}>
        <Icon node={VolumeX} />
        {words("sound.waits")}
      </button>
    );
  }
  const label = words(muted.value ? "sound.on" : "sound.off");
  return (
    <button
      type="button"
      class="button plain icon"
      aria-label={label}
      aria-pressed={muted.value}
      title={`${label} (S)`}
      onClick={toggleMute}
    >
      <Icon node={muted.value ? VolumeX : Volume2} />
    </button>
  );
}
