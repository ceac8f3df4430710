/** Announcements: a sound that may be heard through a camera, and its words in writing. */

import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { query } from "../../shared/api.ts";
import { say } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import { api } from "../intents/api.ts";
import { notify } from "../notices/notices.ts";
import { may } from "../state/store.ts";
import { audioOf, type Announcement } from "../talk/announcements.ts";
import { Area, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { announcements } from "./collection.ts";
import { Opens, Section } from "./section.tsx";
import { text } from "./words/index.ts";

export function Announcements(): JSX.Element {
  const manages = may("manage-announcements", here.value ?? undefined);
  return (
    <Section
      title={text("section.announcements")}
      intro={text("announcements.intro")}
      empty={text("announcements.empty")}
      from={announcements}
      testid="announcement-row"
      add={
        manages
          ? { label: text("announcements.add"), form: (close) => <NewAnnouncement onDone={close} /> }
          : null
      }
      columns={[
        { title: text("announcement.name"), cell: ({ name }) => name },
        { title: text("announcement.text"), cell: ({ text: said }) => said },
        {
          title: text("announcement.sound"),
          cell: ({ id, name, seconds }) => (
            <>
              {text("announcement.seconds", { count: Math.ceil(seconds) })}{" "}
              <audio controls preload="none" src={audioOf(id)} aria-label={name} />
            </>
          ),
        },
      ]}
      acts={(one) =>
        manages && (
          <Opens label={text("announcement.withdraw")} title={one.name}>
            {(close) => <Withdraw one={one} onDone={close} />}
          </Opens>
        )
      }
    />
  );
}

function NewAnnouncement({ onDone }: { onDone: () => void }): JSX.Element {
  const id = useId();
  const submit = async (form: FormData): Promise<void> => {
    const file = form.get("sound");
    const said = { commune: here.value, name: textOf(form, "name"), text: textOf(form, "text") };
    const response = await api.fetch(`/announcements${query(said)}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: file instanceof File ? await file.arrayBuffer() : "",
    });
    if (!response.ok) throw await Problem.from(response);
    announcements.put((await response.json()) as Announcement);
    notify({ tone: "done", text: words("done.saved") });
    onDone();
  };
  return (
    <Form testid="announcement-form" submit={say("act.save")} onCancel={onDone} onSubmit={submit}>
      <Field label={text("announcement.name")} name="name" required maxLength={60} />
      <Area
        label={text("announcement.text")}
        hint={text("announcement.textHint")}
        name="text"
        maxLength={500}
        required
      />
      <div class="field">
        <label class="label" for={id}>
          {text("announcement.sound")}
        </label>
        <input class="input" id={id} type="file" name="sound" accept="audio/*" required />
        <span class="hint">{text("announcement.soundHint")}</span>
      </div>
    </Form>
  );
}

function Withdraw({ one, onDone }: { one: Announcement; onDone: () => void }): JSX.Element {
  const submit = async (): Promise<void> => {
    await api.delete(`/announcements/${one.id}`);
    await announcements.load();
    notify({ tone: "done", text: words("done.saved") });
    onDone();
  };
  return (
    <Form tone="danger" submit={text("announcement.withdraw")} onCancel={onDone} onSubmit={submit}>
      <blockquote>{one.text}</blockquote>
      <p>{text("announcement.withdrawHow")}</p>
    </Form>
  );
}
