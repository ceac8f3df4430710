/** Authorisations: without one in force not a single picture is analysed. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale, say } from "../../shared/i18n/index.ts";
import { now, sayDay } from "../../shared/time.ts";
import { Problem } from "../../shared/problem.ts";
import { SENSOR_KINDS, WATCHABLE_KINDS } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { fault, notify } from "../notices/notices.ts";
import { saveFile } from "../save_file.ts";
import { may, me } from "../state/store.ts";
import { Choice, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { Checks } from "./checks.tsx";
import { authorisations, type Authorisation } from "./collection.ts";
import { dayOf, endOf, startOf } from "./dates.ts";
import { evaluationOf, keptCameras, revokeAuthorisation } from "./intents.ts";
import { legalProfiles, type LegalProfile } from "./profiles/intents.ts";
import { words as profileWords } from "./profiles/words.ts";
import { sensors } from "./sensors/intents.ts";
import { words as sensorWords } from "./sensors/words.ts";
import { Section, Skeleton } from "./section.tsx";
import { Sure } from "./sure.tsx";
import { text } from "./words/index.ts";

export function Authorisations(): JSX.Element {
  const records = may("record-authorisations", here.value ?? undefined);
  useEffect(() => {
    void keptCameras.load();
    void sensors.load();
  }, []);
  return (
    <Section
      title={text("section.authorisations")}
      intro={text("authorisations.intro")}
      empty={text("authorisations.empty")}
      from={authorisations}
      testid="authorisation-row"
      add={
        records
          ? {
              label: text("authorisations.add"),
              wide: true,
              form: (close) => <AuthorisationForm onDone={close} />,
            }
          : null
      }
      columns={[
        {
          title: text("grant.act"),
          cell: ({ act_reference, profile, law }) => (
            <>
              {act_reference}{" "}
              {profile === "demonstration" && <span class="tag warn">{say("demonstration")}</span>}
              {profile === "closed-site" && (
                <span class="tag">{text("authorisation.basis.closed-site")}</span>
              )}
              <br />
              <span class="small quiet">{law}</span>
            </>
          ),
        },
        {
          title: text("authorisation.purpose"),
          cell: ({ purpose, place }) => (
            <>
              {purpose}
              <br />
              <span class="small quiet">{place}</span>
            </>
          ),
        },
        {
          title: text("authorisation.covers"),
          cell: ({ kinds, camera_ids, sensor_ids }) => (
            <>
              {kinds.map((kind) => say(`kind.${kind}`)).join(", ")}
              <br />
              <span class="small quiet">
                {[
                  ...camera_ids.map((id) => keptCameras.find(id)?.name ?? id),
                  ...sensor_ids.map((id) => sensors.find(id)?.name ?? id),
                ].join(", ")}
              </span>
            </>
          ),
        },
        { title: text("authorisation.when"), cell: (one) => <Dates one={one} /> },
      ]}
      acts={(one) => (
        <>
          {Date.parse(one.starts_at) < now.value && (
            <button
              type="button"
              class="button"
              data-testid="evaluate-authorisation"
              title={text("authorisation.evaluateWhat")}
              onClick={() => void evaluate(one)}
            >
              {text("authorisation.evaluate")}
            </button>
          )}
          {records && !one.revoked_at && Date.parse(one.ends_at) > now.value && (
            <Sure
              label={text("authorisation.revoke")}
              what={text("authorisation.revokeWhat")}
              testid="revoke-authorisation"
              onYes={() => revokeAuthorisation(one.id)}
            />
          )}
        </>
      )}
    />
  );
}

/** The file that is printed for whoever signed the act. */
async function evaluate(one: Authorisation): Promise<void> {
  try {
    const file = await evaluationOf(one.id, locale.peek());
    saveFile(`evaluation-${one.act_reference.replace(/[^\p{L}\p{N}]+/gu, "-")}.html`, file);
  } catch (error) {
    fault(error);
  }
}

function Dates({ one }: { one: Authorisation }): JSX.Element {
  const day = (at: string): string => sayDay(at, now.value, locale.value);
  return (
    <>
      {day(one.starts_at)} → {day(one.ends_at)}
      {one.daily_from && one.daily_until && (
        <span class="small quiet">
          {" "}
          {one.daily_from.slice(0, 5)} – {one.daily_until.slice(0, 5)}
        </span>
      )}
      <br />
      {one.revoked_at ? (
        <span class="tag">
          {text("authorisation.revoked")} {day(one.revoked_at)}
        </span>
      ) : (
        <span class={one.in_force ? "tag accent" : "tag"}>
          {text(one.in_force ? "authorisation.inForce" : "authorisation.notInForce")}
        </span>
      )}
    </>
  );
}

/** What the law asks is not known here: it is data, and the server's. */
function AuthorisationForm({ onDone }: { onDone: () => void }): JSX.Element {
  const [all, setAll] = useState<readonly LegalProfile[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    legalProfiles().then(setAll, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(load, []);
  const commune = me.value?.communes.find((one) => one.id === here.value);
  const taken = all?.find(({ name }) => name === commune?.profile)?.acts ?? [];
  const bases = (all ?? []).filter(({ name }) => taken.includes(name));
  if (problem) return <Fault error={problem} retry={load} />;
  return bases[0] ? <ActForm bases={bases} first={bases[0]} onDone={onDone} /> : <Skeleton />;
}

function ActForm(props: {
  bases: readonly LegalProfile[];
  first: LegalProfile;
  onDone: () => void;
}): JSX.Element {
  const { bases, first, onDone } = props;
  const [id] = useState(() => crypto.randomUUID());
  const [basis, setBasis] = useState(first);
  const isClosed = !basis.place_kinds.includes("public-road");
  const cameras = keptCameras.things.filter(
    ({ commune_id, disabled_at, demonstration, place_kind }) =>
      commune_id === here.value &&
      !disabled_at &&
      (!basis.is_fictional || demonstration) &&
      basis.place_kinds.includes(place_kind),
  );
  const listed = sensors.things.filter(
    ({ commune_id, disabled_at }) => !isClosed && commune_id === here.value && !disabled_at,
  );
  const ofCameras = WATCHABLE_KINDS.filter((kind) => basis.kinds.includes(kind));
  const kinds = [...new Set([...ofCameras, ...(listed.length > 0 ? SENSOR_KINDS : [])])];
  const submit = async (form: FormData): Promise<void> => {
    const from = textOf(form, "daily_from");
    const until = textOf(form, "daily_until");
    const signed = textOf(form, "act_date");
    await authorisations.add({
      id,
      commune_id: here.value,
      profile: basis.name,
      law: textOf(form, "law"),
      authority: textOf(form, "authority"),
      act_reference: textOf(form, "act"),
      ...(signed ? { act_date: signed } : {}),
      purpose: textOf(form, "purpose"),
      place: textOf(form, "place"),
      assessment: textOf(form, "assessment"),
      kinds: form.getAll("kind"),
      camera_ids: form.getAll("camera"),
      sensor_ids: form.getAll("sensor"),
      starts_at: startOf(textOf(form, "from")),
      ends_at: endOf(textOf(form, "until")),
      ...(from && until ? { daily_from: from, daily_until: until } : {}),
    });
    notify({ tone: "done", text: words("done.saved") });
    onDone();
  };
  return (
    <Form testid="authorisation-form" submit={say("act.save")} onCancel={onDone} onSubmit={submit}>
      <p class="law-note">
        {basis.is_fictional ? (
          <>
            <span class="tag warn">{say("demonstration")}</span> {text("authorisation.fictive")}
          </>
        ) : (
          text(isClosed ? "authorisation.closedAsks" : "authorisation.lawAsks")
        )}
        <br />
        <span class="small quiet">
          {profileWords("version", {
            name: text(`profile.${basis.name}`),
            version: basis.version,
            dated: sayDay(basis.dated, now.value, locale.value),
          })}
        </span>
      </p>
      <div class="two-columns">
        <div class="form">
          {bases.length > 1 && (
            <Choice
              label={text("authorisation.basis")}
              value={basis.name}
              options={bases.map(({ name }) => [name, text(`authorisation.basis.${name}`)] as const)}
              onChange={(chosen) => setBasis(bases.find(({ name }) => name === chosen) ?? first)}
            />
          )}
          <Field
            label={text("authorisation.law")}
            name="law"
            hint={text(isClosed ? "authorisation.closedLawHint" : "authorisation.lawHint")}
            autofocus
          />
          <div class="form-row">
            <Field label={text("grant.act")} name="act" hint={text("authorisation.actHint")} />
            <Field label={text("authorisation.actDate")} name="act_date" type="date" />
          </div>
          <Field
            label={text("authorisation.authority")}
            name="authority"
            hint={text("authorisation.authorityHint")}
          />
          <Field
            label={text("authorisation.purpose")}
            name="purpose"
            hint={text("authorisation.purposeHint")}
          />
          <Field label={text("camera.place")} name="place" />
          {basis.states.includes("assessment") && (
            <Field label={text("authorisation.assessment")} name="assessment" />
          )}
          <div class="form-row">
            <Field
              label={text("grant.from")}
              name="from"
              type="date"
              defaultValue={dayOf(new Date(now.peek()).toISOString())}
              required
            />
            <Field label={text("order.lastDay")} name="until" type="date" required />
          </div>
          <div class="form-row">
            <Field label={text("authorisation.dailyFrom")} name="daily_from" type="time" />
            <Field
              label={text("authorisation.dailyUntil")}
              name="daily_until"
              type="time"
              hint={text("authorisation.dailyHint")}
            />
          </div>
        </div>
        <div class="form">
          <Checks
            title={text(isClosed ? "authorisation.closedKinds" : "authorisation.kinds")}
            name="kind"
            options={kinds.map((kind) => [kind, say(`kind.${kind}`)] as const)}
          />
          <Checks
            title={text("authorisation.cameras")}
            name="camera"
            options={cameras.map(({ id, number, name }) => [id, `${number} ${name}`] as const)}
          >
            {cameras.length === 0 && <p class="quiet">{text("cameras.empty")}</p>}
          </Checks>
          {listed.length > 0 && (
            <Checks
              title={sensorWords("title")}
              name="sensor"
              options={listed.map(({ id, name }) => [id, name] as const)}
            >
              <p class="small quiet">{sensorWords("ownLaw")}</p>
            </Checks>
          )}
          <p class="small quiet">{text("authorisation.never")}</p>
        </div>
      </div>
    </Form>
  );
}
