/** `W`: the layouts this person keeps, the rotation, and the walls the room shares. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Trash2 } from "lucide";
import type { KeptLayout } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { addWall, dropLayout, keepLayout, layouts, removeWall } from "../intents/walls.ts";
import { fault, notify } from "../notices/notices.ts";
import { communesWith, inView, room } from "../state/store.ts";
import { changeWall, driven, wall } from "../state/wall_store.ts";
import { Dialog, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { wallDialog } from "./driving.tsx";
import { fillFreeTiles } from "./filling.ts";
import { hanging, showsOf } from "./placement.ts";
import { RotationForm } from "./rotation_form.tsx";

export function WallDialog(): JSX.Element | null {
  if (!wallDialog.value) return null;
  return (
    <Dialog
      title={words("wall.dialog")}
      onClose={() => (wallDialog.value = false)}
      wide
      testid="wall-settings"
    >
      <div class="wall-settings">
        <Layouts />
        <RotationForm />
        <SharedWalls />
      </div>
    </Dialog>
  );
}

function Layouts(): JSX.Element {
  const [kept, setKept] = useState<readonly KeptLayout[] | null>(null);
  // Emptied by being made anew, and only then: the first answer must not take the focus away.
  const [saves, setSaves] = useState(0);
  const load = (): Promise<void> => layouts().then(setKept, fault);
  useEffect(() => void load(), []);
  const hangUp = (one: KeptLayout): void => {
    changeWall((held) => hanging(one.shows, held.selected));
    wallDialog.value = false;
    notify({ tone: "done", text: words("layouts.hung", { name: one.name }) });
  };
  const save = async (form: FormData): Promise<void> => {
    const name = textOf(form, "name");
    const same = kept?.find((one) => one.name === name);
    await keepLayout(same?.id ?? null, name, showsOf(wall.peek()));
    await load();
    setSaves((count) => count + 1);
    notify({ tone: "done", text: words("layouts.saved", { name }) });
  };
  return (
    <section>
      <h3>{words("layouts.title")}</h3>
      <button
        type="button"
        class="button"
        data-testid="fill"
        onClick={() => {
          notify({ tone: "done", text: fillFreeTiles() });
          wallDialog.value = false;
        }}
      >
        {words("layouts.fill")} <kbd>G</kbd>
      </button>
      {kept?.length === 0 && <p class="small quiet">{words("layouts.empty")}</p>}
      <ul class="wall-list">
        {(kept ?? []).map((one) => (
          <li key={one.id}>
            <button
              type="button"
              class="button line"
              data-testid="layout"
              onClick={() => hangUp(one)}
            >
              <strong>{one.name}</strong>
              <span class="quiet small">{words("wall.pictures", { count: one.shows.layout })}</span>
            </button>
            <button
              type="button"
              class="button plain icon"
              aria-label={words("layouts.drop", { name: one.name })}
              onClick={() => void dropLayout(one.id).then(load, fault)}
            >
              <Icon node={Trash2} />
            </button>
          </li>
        ))}
      </ul>
      <Form key={saves} submit={words("layouts.save")} onSubmit={save} testid="layout-form">
        <Field label={words("layouts.name")} hint={words("layouts.hint")} name="name" required maxLength={60} />
      </Form>
    </section>
  );
}

function SharedWalls(): JSX.Element {
  const walls = [...room.value.walls.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  const able = communesWith("view-cameras");
  const commune = able.find(({ id }) => inView.value?.has(id)) ?? able[0];
  const add = async (form: FormData): Promise<void> => {
    if (!commune) return;
    const made = await addWall(commune.id, textOf(form, "name"), showsOf(wall.peek()));
    driven.value = made.id;
  };
  return (
    <section>
      <h3>{words("walls.title")}</h3>
      <p class="small quiet">{words("walls.how")}</p>
      <ul class="wall-list">
        {walls.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              class="button line"
              aria-pressed={driven.value === one.id}
              data-testid="shared-wall"
              onClick={() => {
                driven.value = driven.value === one.id ? null : one.id;
                wallDialog.value = false;
              }}
            >
              <strong>{one.name}</strong>
              <span class="quiet small">
                {words("wall.drivenBy", { name: one.driven_by.name })}
              </span>
            </button>
            <a
              class="link small"
              href={`/#/screen/${one.id}`}
              target="_blank"
              data-testid="wall-screen-link"
            >
              {words("walls.open")}
            </a>
            <button
              type="button"
              class="button plain icon"
              aria-label={words("walls.remove", { name: one.name })}
              onClick={() => void removeWall(one.id).catch(fault)}
            >
              <Icon node={Trash2} />
            </button>
          </li>
        ))}
      </ul>
      {commune && (
        <Form key={walls.length} submit={words("walls.add")} onSubmit={add} testid="wall-form">
          <Field label={words("walls.name")} name="name" required maxLength={60} />
        </Form>
      )}
    </section>
  );
}
