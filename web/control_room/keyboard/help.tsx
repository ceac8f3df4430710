/** `?`: the keys of the page, and the switch for single letters (WCAG 2.1.4). */

import type { JSX } from "preact";
import { chooseLetterKeys, letterKeys } from "../state/store.ts";
import { Dialog } from "../ui.tsx";
import { words } from "../words/index.ts";
import { helpShown } from "./help_shown.ts";
import { text } from "./help_words.ts";

const GROUPS = [
  [
    "keys.queue",
    [
      ["↑ ↓", "keys.walk"],
      ["key.enter", "keys.goOn"],
      ["⌫", "keys.dismiss"],
      ["1 – 6", "keys.reason"],
      ["U", "keys.units"],
      ["I", "keys.picture"],
      ["Z", "keys.undo"],
    ],
  ],
  [
    "keys.stage",
    [
      ["M", "keys.swap"],
      ["B", "keys.board"],
      ["N", "keys.new"],
      ["0 – 9", "keys.number"],
      ["← ↑ → ↓", "keys.tiles"],
      ["F", "keys.isolate"],
      ["A", "keys.raise"],
      ["T", "keys.lookBack"],
      ["⇧ T", "keys.lookBackAll"],
    ],
  ],
  [
    "keys.playback",
    [
      ["J K L", "keys.play"],
      [", .", "keys.step"],
      ["< >", "keys.speed"],
      ["⇧ ← →", "keys.jump"],
      ["key.page", "keys.minute"],
      ["R ⇧R", "keys.marks"],
      ["← ↑ → ↓", "keys.neighbours"],
      ["⌫", "keys.walkBack"],
      ["I O", "keys.hours"],
      ["H E P", "keys.takeOut"],
      ["G", "keys.find"],
      ["X V", "keys.beside"],
    ],
  ],
  [
    "keys.wall",
    [
      ["+ −", "keys.layout"],
      ["C", "keys.rotation"],
      ["key.page", "keys.turn"],
      ["P", "keys.pin"],
      ["key.delete", "keys.empty"],
      ["G", "keys.fill"],
      ["D", "keys.statistics"],
      ["V", "keys.steer"],
      ["H", "keys.speak"],
      ["W", "keys.wallSettings"],
      ["O", "keys.ownWindow"],
    ],
  ],
  [
    "keys.page",
    [
      ["/", "keys.search"],
      ["S", "keys.mute"],
      ["key.escape", "keys.leave"],
      ["?", "keys.help"],
    ],
  ],
] as const;

export function KeysHelp(): JSX.Element {
  return (
    <Dialog title={words("keys.title")} onClose={() => (helpShown.value = false)} wide>
      <div class="keys">
        {GROUPS.map(([title, keys]) => (
          <section key={title}>
            <h3>{text(title)}</h3>
            <dl>
              {keys.map(([key, does]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key.startsWith("key.") ? words(key as "key.enter") : key}</kbd>
                  </dt>
                  <dd>{text(does)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={letterKeys.value}
          onChange={(event) => chooseLetterKeys(event.currentTarget.checked)}
        />
        {text("keys.letters")}
      </label>
    </Dialog>
  );
}
