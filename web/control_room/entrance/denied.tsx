/** Signed in, but with nothing to do here: an agent's place is the phone. */

import type { JSX } from "preact";
import type { Me } from "../../shared/types.ts";
import { say } from "../../shared/i18n/index.ts";
import { signOut } from "../intents/session.ts";
import { words } from "../words/index.ts";
import { Frame } from "./frame.tsx";

export function Denied({ person }: { person: Me }): JSX.Element {
  const roles = person.roles.map(({ role, commune }) => `${say(`role.${role}`)}, ${commune.name}`);
  return (
    <Frame title={words("denied.title")}>
      <p>{words("denied.why", { name: person.person.name })}</p>
      {roles.length > 0 && <p class="quiet">{roles.join(" · ")}</p>}
      <p>{words("denied.who")}</p>
      <p>
        <a href="/patrol/">{words("denied.patrol")}</a>
      </p>
      <button type="button" class="button" onClick={() => void signOut()}>
        {words("who.signOut")}
      </button>
    </Frame>
  );
}
