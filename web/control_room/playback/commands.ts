/** Does what a key or a button of the playback asks for. */

import { signal } from "@preact/signals";
import { openedBy } from "./neighbours.tsx";
import { backward, faster, forward, slower } from "./clock.ts";
import type { Deck } from "./deck.ts";
import type { PlayCommand } from "./play_keys.ts";
import { mayDo } from "../state/looking.ts";
import { stage } from "../state/store.ts";

/** Which dialog of the playback is open. */
export const dialog = signal<"find" | "hold" | "clip" | "still" | "add" | null>(null);

/** False when it meant nothing here, so that the key keeps its own sense. */
export function obey(deck: Deck, command: PlayCommand): boolean {
  const rate = deck.rate.peek();
  switch (command.do) {
    case "pause":
    case "play-or-pause":
      deck.setRate(rate === 0 ? 1 : 0);
      return true;
    case "forward":
      deck.setRate(forward(rate));
      return true;
    case "backward":
      deck.setRate(backward(rate));
      return true;
    case "faster":
      deck.setRate(faster(rate));
      return true;
    case "slower":
      deck.setRate(slower(rate));
      return true;
    case "step":
      deck.step(command.by);
      return true;
    case "jump":
      deck.jump(deck.at.peek() + command.by_s * 1000);
      return true;
    case "first":
      deck.toEnd(-1);
      return true;
    case "last":
      deck.toEnd(1);
      return true;
    case "next-mark":
      return deck.toMark(1);
    case "previous-mark":
      return deck.toMark(-1);
    case "zoom":
      deck.zoom(command.factor);
      return true;
    case "neighbour":
      return openedBy(deck, command.arrow);
    case "back":
      return deck.walkBack();
    case "mark-in":
      deck.mark("from");
      return true;
    case "mark-out":
      deck.mark("to");
      return true;
    case "next-picture":
      deck.chosen.value = (deck.chosen.peek() + 1) % deck.watched.peek().length;
      return true;
    case "clip":
    case "still":
      if (!mayDo("export-recordings", deck.one?.shown)) return false;
      dialog.value = command.do;
      return true;
    case "find":
    case "hold":
    case "add":
      dialog.value = command.do;
      return true;
    case "leave":
      if (deck.marked.peek()) deck.marked.value = null;
      else stage.value = "wall";
      return true;
  }
}
