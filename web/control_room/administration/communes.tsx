/** Communes, and the conventions by which one opens its things to another's control room. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale, say } from "../../shared/i18n/index.ts";
import { point } from "../../shared/geo.ts";
import { Problem } from "../../shared/problem.ts";
import { now, sayDay } from "../../shared/time.ts";
import type { Permission } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { notify } from "../notices/notices.ts";
import { may } from "../state/store.ts";
import { Choice, Field, Form, numberOf, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { Checks } from "./checks.tsx";
import { communes, type Commune, type Convention } from "./collection.ts";
import { endOf, inYears, startOf, dayOf } from "./dates.ts";
import { addConvention, conventionsOf, endConvention } from "./intents.ts";
import { CommuneProfile } from "./profiles/profile.tsx";
import { words as profileWords } from "./profiles/words.ts";
import { Opens, Section, Table } from "./section.tsx";
import { Sure } from "./sure.tsx";
import { text } from "./words/index.ts";

/** What a convention can open; administration and the register never leave the commune. */
const SHAREABLE = [
  "view-cameras",
  "view-patrol-streams",
  "see-alerts",
  "decide-alerts",
  "send-alerts",
  "see-units",
  "guide-units",
  "manage-interventions",
] as const satisfies readonly Permission[];

export function Communes(): JSX.Element {
  const manages = may("manage-commune");
  return (
    <Section
      title={text("section.communes")}
      intro={text("communes.intro")}
      empty={text("communes.empty")}
      from={communes}
      testid="commune-row"
      add={
        manages
          ? { label: text("communes.add"), form: (close) => <CommuneForm commune={null} onDone={close} /> }
          : null
      }
      columns={[
        {
          title: text("person.name"),
          cell: ({ name, profile }) => (
            <>
              {name} {profile === "demonstration" && <span class="tag warn">{say("demonstration")}</span>}
            </>
          ),
        },
        {
          title: text("commune.profile"),
          cell: ({ profile }) =>
            profile === "france" ? text("profile.france") : text("profile.demonstration"),
        },
        { title: text("commune.timezone"), cell: ({ timezone }) => timezone },
      ]}
      acts={(commune) =>
        may("manage-commune", commune.id) && (
          <>
            <Opens label={text("act.change")} title={commune.name}>
              {(close) => <CommuneForm commune={commune} onDone={close} />}
            </Opens>
            <Opens
              label={profileWords("open")}
              title={profileWords("title", { name: commune.name })}
              testid="commune-profile"
            >
              {(close) => <CommuneProfile commune={commune} onDone={close} />}
            </Opens>
            <Opens label={text("commune.conventions")} title={commune.name} wide testid="conventions">
              {() => <Conventions owner={commune} />}
            </Opens>
          </>
        )
      }
    />
  );
}

function CommuneForm(props: { commune: Commune | null; onDone: () => void }): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  const { commune, onDone } = props;
  return (
    <Form
      testid="commune-form"
      submit={say("act.save")}
      onCancel={onDone}
      onSubmit={async (form) => {
        const body = {
          name: textOf(form, "name"),
          centre: point(numberOf(form, "lon"), numberOf(form, "lat")),
          timezone: textOf(form, "timezone"),
        };
        const limit = numberOf(form, "false_alerts");
        if (commune) await communes.change(commune.id, { ...body, false_alerts_per_day: limit });
        else await communes.add({ id, ...body });
        notify({ tone: "done", text: words("done.saved") });
        onDone();
      }}
    >
      <Field label={words("commune.name")} name="name" defaultValue={commune?.name} required autofocus />
      <div class="form-row">
        <Field
          label={words("point.lat")}
          name="lat"
          inputMode="decimal"
          defaultValue={commune?.centre.coordinates[1]}
          required
        />
        <Field
          label={words("point.lon")}
          name="lon"
          inputMode="decimal"
          defaultValue={commune?.centre.coordinates[0]}
          hint={words("commune.centreHint")}
          required
        />
      </div>
      <Field
        label={text("commune.timezone")}
        name="timezone"
        defaultValue={commune?.timezone ?? "Europe/Paris"}
        required
      />
      {commune && (
        <Field
          label={text("commune.falseAlerts")}
          name="false_alerts"
          inputMode="decimal"
          defaultValue={commune.false_alerts_per_day}
          hint={text("commune.falseAlertsHint")}
          required
        />
      )}
    </Form>
  );
}

function Conventions({ owner }: { owner: Commune }): JSX.Element {
  const [all, setAll] = useState<readonly Convention[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    conventionsOf(owner.id).then(setAll, (error: unknown) => setProblem(Problem.of(error)));
  }, [owner.id, round]);
  const guests = communes.things.filter(({ id }) => id !== owner.id);
  return (
    <div class="form">
      <p class="quiet">{text("conventions.intro", { name: owner.name })}</p>
      {problem && <Fault error={problem} />}
      {!all && !problem && <div class="skeleton" />}
      {all?.length === 0 && <p class="empty">{text("conventions.empty")}</p>}
      {all && all.length > 0 && (
        <Table
          things={all}
          columns={[
            {
              title: text("convention.guest"),
              cell: ({ guest_id }) => communes.find(guest_id)?.name ?? guest_id,
            },
            { title: text("grant.act"), cell: ({ act_reference }) => act_reference },
            {
              title: text("convention.opens"),
              cell: ({ permissions }) =>
                permissions
                  .filter((one): one is (typeof SHAREABLE)[number] => SHAREABLE.includes(one as never))
                  .map((one) => text(`permission.${one}`))
                  .join(", "),
            },
            {
              title: text("order.until"),
              cell: ({ ends_at }) => sayDay(ends_at, now.value, locale.value),
            },
          ]}
          acts={({ id }) => (
            <Sure
              label={text("convention.end")}
              what={text("convention.endWhat")}
              onYes={async () => {
                await endConvention(id);
                setRound(round + 1);
              }}
            />
          )}
        />
      )}
      <Form
        key={round}
        submit={text("convention.add")}
        onSubmit={async (form) => {
          await addConvention(owner.id, {
            id: crypto.randomUUID(),
            guest_id: textOf(form, "guest"),
            permissions: form.getAll("permission"),
            act_reference: textOf(form, "act"),
            starts_at: startOf(textOf(form, "from")),
            ends_at: endOf(textOf(form, "until")),
          });
          setRound(round + 1);
        }}
      >
        <div class="form-row">
          <Choice
            label={text("convention.guest")}
            name="guest"
            required
            options={guests.map((one) => [one.id, one.name] as const)}
          />
          <Field label={text("grant.act")} name="act" required />
        </div>
        <Checks
          title={text("convention.opens")}
          name="permission"
          options={SHAREABLE.map((one) => [one, text(`permission.${one}`)] as const)}
        />
        <div class="form-row">
          <Field
            label={text("grant.from")}
            name="from"
            type="date"
            defaultValue={dayOf(new Date(now.peek()).toISOString())}
            required
          />
          <Field
            label={text("order.lastDay")}
            name="until"
            type="date"
            defaultValue={inYears(1, now.peek())}
            required
          />
        </div>
      </Form>
    </div>
  );
}
