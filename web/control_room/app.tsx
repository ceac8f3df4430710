/** Chooses between the entrance and the console. */

import type { JSX } from "preact";
import { belongsHere } from "./intents/session.ts";
import { Console } from "./console.tsx";
import { Denied } from "./entrance/denied.tsx";
import { LinkPage } from "./entrance/link.tsx";
import { SignIn } from "./entrance/sign_in.tsx";
import { Waiting } from "./entrance/waiting.tsx";
import { Announcements, Notices } from "./notices/notices.tsx";
import { address, linkToken } from "./state/address.ts";
import { me } from "./state/store.ts";
import { WallScreen } from "./wall/screen.tsx";

export function App(): JSX.Element {
  return (
    <>
      <Page />
      <Notices />
      <Announcements />
    </>
  );
}

function Page(): JSX.Element {
  const token = linkToken();
  if (token) return <LinkPage key={token} token={token} />;
  const person = me.value;
  if (person === undefined) return <Waiting />;
  if (person === null) return <SignIn />;
  const [first, wallId] = address.value;
  if (first === "screen") return <WallScreen id={wallId ?? null} />;
  return belongsHere(person) ? <Console /> : <Denied person={person} />;
}
