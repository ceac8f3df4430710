/** Under which legal profile a commune is and was, and the way to put it under another. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale } from "../../../shared/i18n/index.ts";
import { Problem } from "../../../shared/problem.ts";
import { now, sayDay } from "../../../shared/time.ts";
import type { Id } from "../../../shared/types.ts";
import { Fault } from "../../../shared/ui/fault.tsx";
import { notify } from "../../notices/notices.ts";
import { Choice, Field, Form, textOf } from "../../ui.tsx";
import { authorisations, type Commune } from "../collection.ts";
import { Skeleton } from "../section.tsx";
import { text } from "../words/index.ts";
import { legalProfiles, putProfile, profilesOf, type Ending, type LegalProfile, type ProfileName, type ProfileSince } from "./intents.ts";
import { words } from "./words.ts";

/** Of acts that would end; the rest by number. */
const SHOWN = 50;

const nameOf = (profile: ProfileName): string => text(`profile.${profile}`);

export function CommuneProfile(props: { commune: Commune; onDone: () => void }): JSX.Element {
  const { commune } = props;
  const [history, setHistory] = useState<readonly ProfileSince[] | null>(null);
  const [all, setAll] = useState<readonly LegalProfile[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    Promise.all([legalProfiles(), profilesOf(commune.id), authorisations.load()]).then(
      ([profiles, known]) => {
        setAll(profiles);
        setHistory(known);
      },
      (error: unknown) => setProblem(Problem.of(error)),
    );
  };
  useEffect(load, [commune.id]);
  if (problem) return <Fault error={problem} retry={load} />;
  if (!history) return <Skeleton />;
  // The server decides; what it always refuses is not offered.
  const others = all.filter((one) => one.chosen_for_commune && one.name !== commune.profile);
  return (
    <div class="form">
      <ul data-testid="profile-history">
        {history.map((one, i) => (
          <li key={one.since}>
            {nameOf(one.profile)} {i === 0 && <span class="tag accent">{words("now")}</span>}
            <br />
            <span class="small quiet">
              {words("since", { when: sayDay(one.since, now.value, locale.value) })}
              {" · "}
              {one.reason || words("first")}
            </span>
          </li>
        ))}
      </ul>
      {others.length > 0 ? (
        <Change commune={commune} others={others} onDone={props.onDone} />
      ) : (
        <p class="quiet">{words("none")}</p>
      )}
    </div>
  );
}

function Change(props: {
  commune: Commune;
  others: readonly LegalProfile[];
  onDone: () => void;
}): JSX.Element {
  const { commune, others, onDone } = props;
  const [profile, setProfile] = useState<ProfileName>(others[0]!.name);
  const [ending, setEnding] = useState<Ending | null>(null);
  const submit = async (form: FormData): Promise<void> => {
    try {
      await putProfile(commune.id, { profile, reason: textOf(form, "reason"), ending: ending?.ending ?? "" });
    } catch (error) {
      const named = Problem.of(error);
      if (named.code !== "acts-would-end") throw error;
      const { acts, count, ending: all } = named.body as unknown as Ending;
      setEnding(count > 0 ? { acts, count, ending: all } : null);
      await authorisations.load();
      return;
    }
    notify({ tone: "done", text: words("done", { name: commune.name, profile: nameOf(profile) }) });
    onDone();
  };
  return (
    <Form
      testid="profile-form"
      tone="danger"
      submit={words(ending ? "endAndChange" : "change")}
      onCancel={onDone}
      onSubmit={submit}
    >
      <p class="law-note">{words("what")}</p>
      <Choice
        label={words("next")}
        value={profile}
        options={others.map(({ name }) => [name, nameOf(name)] as const)}
        onChange={(chosen) => {
          setProfile(chosen as ProfileName);
          setEnding(null);
        }}
      />
      <Field label={words("reason")} name="reason" hint={words("reasonHint")} required minLength={3} maxLength={200} />
      {ending && (
        <div role="alert" data-testid="acts-ending">
          <p>{words("ends", { count: ending.count })}</p>
          <ul>
            {ending.acts.slice(0, SHOWN).map((id) => (
              <li key={id}>{sayAct(id)}</li>
            ))}
          </ul>
          {ending.count > SHOWN && <p>{words("others", { count: ending.count - SHOWN })}</p>}
        </div>
      )}
    </Form>
  );
}

function sayAct(id: Id): string {
  const act = authorisations.find(id);
  if (!act) return id;
  return [act.act_reference, act.purpose, sayDay(act.ends_at, now.value, locale.value)]
    .filter(Boolean)
    .join(" · ");
}
