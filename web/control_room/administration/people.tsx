/** People and their habilitations: each role by an act, from one date to another. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale, say } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import { now, sayDay } from "../../shared/time.ts";
import { ROLES } from "../../shared/types.ts";
import { When } from "../../shared/ui/age.tsx";
import { Fault } from "../../shared/ui/fault.tsx";
import { fault, notify } from "../notices/notices.ts";
import { communesWith, may, me } from "../state/store.ts";
import { Choice, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { people, type Habilitation, type Person } from "./collection.ts";
import { Copied } from "./copied.tsx";
import { endOf, startOf } from "./dates.ts";
import {
  addHabilitation,
  endSessions,
  passwordLink,
  revokeHabilitation,
  type PasswordLink,
} from "./intents.ts";
import { Opens, Section } from "./section.tsx";
import { Sure } from "./sure.tsx";
import { text } from "./words/index.ts";

export function People(): JSX.Element {
  const manages = may("manage-people", here.value ?? undefined);
  return (
    <Section
      title={text("section.people")}
      intro={text("people.intro")}
      empty={text("people.empty")}
      from={people}
      testid="person-row"
      add={
        manages
          ? { label: text("people.add"), form: (close) => <PersonForm onDone={close} /> }
          : null
      }
      columns={[
        {
          title: text("person.name"),
          cell: ({ name, disabled_at }) => (
            <>
              {name} {disabled_at && <span class="tag">{text("person.disabled")}</span>}
            </>
          ),
        },
        { title: text("person.signIn"), cell: ({ sign_in }) => sign_in },
        {
          title: text("person.roles"),
          cell: ({ habilitations }) => (
            <ul>
              {habilitations
                .filter((one) => isInForce(one, now.value))
                .map((one) => (
                  <li key={one.id}>
                    {say(`role.${one.role}`)}, {communeName(one.commune_id)}
                  </li>
                ))}
            </ul>
          ),
        },
      ]}
      acts={(person) =>
        manages && (
          <>
            <Opens label={text("person.habilitations")} title={person.name} wide testid="habilitations">
              {() => <Habilitations personId={person.id} />}
            </Opens>
            <Opens label={text("person.link")} title={person.name} testid="password-link">
              {() => <NewLink person={person} />}
            </Opens>
            <Sure
              label={text("person.endSessions")}
              what={text("person.endSessionsWhat", { name: person.name })}
              onYes={() => endSessions(person.id)}
            />
            {person.id !== me.value?.person.id && (
              <button
                type="button"
                class="button"
                onClick={() => {
                  people.change(person.id, { disabled: !person.disabled_at }).catch(fault);
                }}
              >
                {text(person.disabled_at ? "unit.enable" : "unit.disable")}
              </button>
            )}
          </>
        )
      }
    />
  );
}

function isInForce({ starts_at, ends_at, revoked_at }: Habilitation, at: number): boolean {
  return (
    Date.parse(starts_at) <= at &&
    (ends_at === null || Date.parse(ends_at) > at) &&
    (revoked_at === null || Date.parse(revoked_at) > at)
  );
}

function communeName(id: string): string {
  return me.value?.communes.find((one) => one.id === id)?.name ?? "";
}

function PersonForm({ onDone }: { onDone: () => void }): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  return (
    <Form
      testid="person-form"
      submit={say("act.save")}
      onCancel={onDone}
      onSubmit={async (form) => {
        await people.add({
          id,
          commune_id: here.value,
          name: textOf(form, "name"),
          sign_in: textOf(form, "sign_in"),
          locale: textOf(form, "locale"),
          habilitations: [grantOf(form, textOf(form, "grant_commune"))],
        });
        notify({ tone: "done", text: text("people.added") });
        onDone();
      }}
    >
      <Field label={text("person.name")} name="name" required autofocus />
      <Field
        label={text("person.signIn")}
        name="sign_in"
        autocapitalize="none"
        pattern="[\w.@+\-]{2,80}"
        hint={text("person.signInHint")}
        required
      />
      <Choice
        label={text("person.locale")}
        name="locale"
        options={[
          ["fr", "Français"],
          ["en", "English"],
        ]}
      />
      <GrantFields />
    </Form>
  );
}

function GrantFields(): JSX.Element {
  const places = communesWith("manage-people");
  return (
    <fieldset class="form">
      <legend class="quiet">{text("grant.title")}</legend>
      <div class="form-row">
        <Choice
          label={text("grant.role")}
          name="role"
          value="operator"
          options={ROLES.map((role) => [role, say(`role.${role}`)] as const)}
        />
        <Choice
          label={text("commune.one")}
          name="grant_commune"
          value={here.value ?? undefined}
          options={places.map((one) => [one.id, one.name] as const)}
        />
      </div>
      <Field label={text("grant.act")} name="act" hint={text("grant.actHint")} required />
      <div class="form-row">
        <Field label={text("grant.from")} name="from" type="date" hint={text("grant.fromHint")} />
        <Field label={text("grant.until")} name="until" type="date" hint={text("grant.untilHint")} />
      </div>
    </fieldset>
  );
}

function grantOf(form: FormData, communeId: string): object {
  const from = textOf(form, "from");
  const until = textOf(form, "until");
  return {
    id: crypto.randomUUID(),
    commune_id: communeId,
    role: textOf(form, "role"),
    act_reference: textOf(form, "act"),
    ...(from ? { starts_at: startOf(from) } : {}),
    ...(until ? { ends_at: endOf(until) } : {}),
  };
}

function Habilitations({ personId }: { personId: string }): JSX.Element {
  const [round, setRound] = useState(0);
  const person = people.find(personId);
  const all = person?.habilitations ?? [];
  return (
    <div class="form">
      <ul class="grants">
        {all.map((one) => (
          <li key={one.id}>
            <span>
              <strong>{say(`role.${one.role}`)}</strong>, {communeName(one.commune_id)}
              <br />
              <span class="small quiet">
                {one.act_reference} · {sayDay(one.starts_at, now.value, locale.value)}
                {one.ends_at && ` → ${sayDay(one.ends_at, now.value, locale.value)}`}
              </span>
            </span>
            {isInForce(one, now.value) ? (
              <button
                type="button"
                class="button"
                onClick={() => {
                  revokeHabilitation(personId, one.id).catch(fault);
                }}
              >
                {text("grant.revoke")}
              </button>
            ) : (
              <span class="tag">{text("grant.over")}</span>
            )}
          </li>
        ))}
      </ul>
      <Form
        key={round}
        submit={text("grant.add")}
        onSubmit={async (form) => {
          await addHabilitation(personId, grantOf(form, textOf(form, "grant_commune")));
          setRound(round + 1);
        }}
      >
        <GrantFields />
      </Form>
    </div>
  );
}

function NewLink({ person }: { person: Person }): JSX.Element {
  const [link, setLink] = useState<PasswordLink | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    passwordLink(person.id).then(setLink, (error: unknown) => setProblem(Problem.of(error)));
  }, [person.id]);
  if (problem) return <Fault error={problem} />;
  if (!link) return <div class="skeleton" />;
  return (
    <div class="form">
      <p>{text("person.linkWhat", { name: person.name })}</p>
      <Copied
        label={text("person.link")}
        value={link.url}
        hint={text("person.linkHint")}
        copy={text("person.copy")}
        done={text("person.copied")}
      />
      <p class="small">
        {words("link.until")} <When at={link.expires_at} />
      </p>
    </div>
  );
}
