/** A link that is good once: the first administrator's, or a new password's. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../shared/problem.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { When } from "../../shared/ui/age.tsx";
import { point } from "../../shared/geo.ts";
import { readLink, useLink, type LinkInfo } from "../intents/session.ts";
import { allowSound } from "../notices/sounds.ts";
import { Field, Form, numberOf, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Frame } from "./frame.tsx";

export const SHORTEST_PASSWORD = 12;

export function LinkPage({ token }: { token: string }): JSX.Element {
  const [info, setInfo] = useState<LinkInfo | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    readLink(token).then(setInfo, (error: unknown) => setProblem(Problem.of(error)));
  }, [token]);
  const isFirst = info?.purpose === "first-administrator";
  return (
    <Frame title={words(isFirst ? "link.first" : "link.password")}>
      {problem && <BadLink problem={problem} />}
      {!problem && !info && <div class="skeleton" />}
      {info && (
        <>
          <p class="quiet">
            {isFirst ? words("link.firstWhy") : words("link.passwordWhy", { name: info.name ?? "" })}{" "}
            {words("link.until")} <When at={info.expires_at} />.
          </p>
          <LinkForm token={token} isFirst={isFirst} />
        </>
      )}
    </Frame>
  );
}

function BadLink({ problem }: { problem: Problem }): JSX.Element {
  return problem.status === 404 || problem.status === 410 ? (
    <div class="fault-box" role="alert">
      <strong>{words("link.gone")}</strong>
      <p>{words("link.goneWhat")}</p>
      <a href="#/wall">{words("link.toSignIn")}</a>
    </div>
  ) : (
    <Fault error={problem} retry={() => location.reload()} />
  );
}

function LinkForm({ token, isFirst }: { token: string; isFirst: boolean }): JSX.Element {
  const [differs, setDiffers] = useState(false);
  const submit = async (form: FormData): Promise<void> => {
    const password = String(form.get("password") ?? "");
    const same = password === form.get("again");
    setDiffers(!same);
    if (!same) return;
    allowSound();
    const first = isFirst && {
      sign_in: textOf(form, "sign_in"),
      name: textOf(form, "name"),
      commune: {
        name: textOf(form, "commune"),
        centre: point(numberOf(form, "lon"), numberOf(form, "lat")),
      },
    };
    await useLink(token, { password, ...(first || {}) });
  };
  return (
    <Form testid="link-form" submit={words("link.submit")} onSubmit={submit}>
      {isFirst && <FirstFields />}
      <Field
        label={words("link.newPassword")}
        name="password"
        type="password"
        minLength={SHORTEST_PASSWORD}
        autocomplete="new-password"
        hint={words("link.passwordHint", { length: SHORTEST_PASSWORD })}
        required
      />
      <Field
        label={words("link.again")}
        name="again"
        type="password"
        autocomplete="new-password"
        fault={differs ? words("link.differs") : undefined}
        required
      />
    </Form>
  );
}

function FirstFields(): JSX.Element {
  return (
    <>
      <Field label={words("person.name")} name="name" autocomplete="name" required autofocus />
      <Field
        label={words("signIn.name")}
        name="sign_in"
        autocomplete="username"
        autocapitalize="none"
        required
      />
      <Field label={words("commune.name")} name="commune" required />
      <div class="form-row">
        <Field label={words("point.lat")} name="lat" inputMode="decimal" required />
        <Field
          label={words("point.lon")}
          name="lon"
          inputMode="decimal"
          required
        />
      </div>
      <p class="hint">{words("commune.centreHint")}</p>
    </>
  );
}
