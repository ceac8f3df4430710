/** Who is signed in and until when; language, letter keys, password, leaving. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CircleUser } from "lucide";
import { locale, say } from "../../shared/i18n/index.ts";
import { now, sayWhen } from "../../shared/time.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { SHORTEST_PASSWORD } from "../entrance/link.tsx";
import { changePassword, chooseLocale, signOut } from "../intents/session.ts";
import { notify } from "../notices/notices.ts";
import { may, me } from "../state/store.ts";
import { Dialog, Field, Form } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Menu } from "./menu.tsx";
import { Regions } from "./regions.tsx";

const WARN_BEFORE_MS = 10 * 60_000;

export function Who(): JSX.Element | null {
  const [changing, setChanging] = useState(false);
  const person = me.value;
  if (!person) return null;
  const ends = sayWhen(person.expires_at, now.value, locale.value);
  const soon = Date.parse(person.expires_at) - now.value < WARN_BEFORE_MS;
  return (
    <>
      <Menu
        label={words("who.title")}
        testid="who"
        tone={soon ? "is-note" : ""}
        title={words("who.until", { time: ends })}
        button={
          <>
            <Icon node={CircleUser} />
            <span class="bar-who">
              {person.person.name}
              <span class="small quiet">{words("who.until", { time: ends.replace(/(\d\d:\d\d):\d\d$/, "$1") })}</span>
            </span>
          </>
        }
      >
        <p>{person.person.name}</p>
        <ul class="small quiet">
          {person.roles.map(({ role, commune, ends_at }) => (
            <li key={commune.id + role}>
              {say(`role.${role}`)}, {commune.name}
              {ends_at && ` (${words("who.until", { time: sayWhen(ends_at, now.value, locale.value) })})`}
            </li>
          ))}
        </ul>
        <p class="small">{words("who.until", { time: ends })}</p>
        {may("see-alerts") && <Regions />}
        <button
          type="button"
          class="button line"
          onClick={() => chooseLocale(locale.value === "fr" ? "en" : "fr")}
        >
          {words("locale.other")}
        </button>
        <button type="button" class="button line" onClick={() => setChanging(true)}>
          {words("who.password")}
        </button>
        <button type="button" class="button line" data-testid="sign-out" onClick={() => void signOut()}>
          {words("who.signOut")}
        </button>
      </Menu>
      {changing && <ChangePassword onClose={() => setChanging(false)} />}
    </>
  );
}

function ChangePassword({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title={words("who.password")} onClose={onClose}>
      <Form
        submit={say("act.save")}
        onCancel={onClose}
        onSubmit={async (form) => {
          await changePassword(String(form.get("current")), String(form.get("new")));
          notify({ tone: "done", text: words("done.password") });
          onClose();
        }}
      >
        <Field
          label={words("who.currentPassword")}
          name="current"
          type="password"
          autocomplete="current-password"
          required
        />
        <Field
          label={words("link.newPassword")}
          name="new"
          type="password"
          autocomplete="new-password"
          minLength={SHORTEST_PASSWORD}
          hint={words("link.passwordHint", { length: SHORTEST_PASSWORD })}
          required
        />
      </Form>
    </Dialog>
  );
}
