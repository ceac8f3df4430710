/** Before anything sounds: the voice or which announcement, with its words, and why. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Field } from "../ui.tsx";
import { audioOf, type Announcement } from "./announcements.ts";
import { words } from "./words.ts";

const MOTIVES = ["dumping", "gathering", "danger", "damage", "closing"] as const;
const OTHER = "";

export function What(props: {
  announcements: readonly Announcement[];
  loading: boolean;
  /** "": the voice. */
  chosen: string;
  onChoose: (id: string) => void;
}): JSX.Element {
  const { announcements, chosen, onChoose } = props;
  const said = announcements.find(({ id }) => id === chosen);
  return (
    <fieldset class="kinds">
      <legend class="small quiet">{words("what")}</legend>
      <label class="check kind">
        <input
          type="radio"
          name="what"
          value=""
          checked={!said}
          autofocus
          onChange={() => onChoose("")}
        />
        {words("voice")}
      </label>
      {announcements.map(({ id, name, seconds }) => (
        <label class="check kind" key={id}>
          <input
            type="radio"
            name="what"
            value={id}
            checked={id === chosen}
            data-testid="announcement"
            onChange={() => onChoose(id)}
          />
          {name} <span class="quiet">{words("seconds", { count: Math.ceil(seconds) })}</span>
        </label>
      ))}
      {said ? (
        <div class="talk-said">
          <p class="small quiet">{words("says")}</p>
          <blockquote data-testid="announcement-text">{said.text}</blockquote>
          <audio
            controls
            preload="none"
            src={audioOf(said.id)}
            aria-label={words("listen", { name: said.name })}
          />
        </div>
      ) : (
        <p class="small quiet talk-note">{words("voiceHow")}</p>
      )}
      {!props.loading && announcements.length === 0 && (
        <p class="small quiet talk-note">{words("noAnnouncements")}</p>
      )}
    </fieldset>
  );
}

export function Motives(): JSX.Element {
  const offered = MOTIVES.map((one) => words(`motive.${one}`));
  const [chosen, setChosen] = useState<string>(offered[0] ?? OTHER);
  return (
    <fieldset class="kinds">
      <legend class="small quiet">{words("why")}</legend>
      {[...offered, OTHER].map((motive) => (
        <label class="check kind" key={motive}>
          <input
            type="radio"
            name="motive"
            value={motive}
            checked={motive === chosen}
            onChange={() => setChosen(motive)}
          />
          {motive || words("motive.other")}
        </label>
      ))}
      {chosen === OTHER && (
        <Field label={words("motive.own")} name="own" required minLength={3} maxLength={200} />
      )}
    </fieldset>
  );
}
