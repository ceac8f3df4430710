/** Which cameras take turns, and for how long each. What is changed here holds at once. */

import type { JSX } from "preact";
import type { Id, Rotation } from "../../shared/types.ts";
import { cameras } from "../state/store.ts";
import { changeWall, startNow, wall } from "../state/wall_store.ts";
import { Choice } from "../ui.tsx";
import { words } from "../words/index.ts";
import { DWELLS_S, isTurning, toggled } from "./rotation.ts";

export function RotationForm(): JSX.Element {
  const all = cameras.value;
  const held = wall.value.rotation;
  const rotation: Rotation = held ?? {
    camera_ids: all.map(({ id }) => id),
    dwell_s: 10,
    started_at: null,
  };
  const chosen = new Set(rotation.camera_ids);
  const change = (changed: Partial<Rotation>): void =>
    changeWall((before) => ({ ...before, rotation: { ...rotation, ...changed } }));
  const choose = (ids: ReadonlySet<Id>): void =>
    change({ camera_ids: all.filter(({ id }) => ids.has(id)).map(({ id }) => id) });
  const turns = isTurning(wall.value);
  return (
    <section data-testid="rotation-form">
      <h3>{words("rotation.title")}</h3>
      <Choice
        label={words("rotation.dwell")}
        options={DWELLS_S.map((s) => [String(s), words("rotation.seconds", { seconds: s })] as const)}
        value={String(rotation.dwell_s)}
        onChange={(value) => change({ dwell_s: Number(value) })}
      />
      <fieldset class="rotation-list">
        <legend class="label">
          {words("rotation.list", { count: chosen.size })}{" "}
          <button type="button" class="link" onClick={() => choose(new Set(all.map(({ id }) => id)))}>
            {words("rotation.all")}
          </button>{" "}
          <button type="button" class="link" onClick={() => choose(new Set())}>
            {words("rotation.none")}
          </button>
        </legend>
        {all.map(({ id, number, name }) => (
          <label key={id} class="check">
            <input
              type="checkbox"
              checked={chosen.has(id)}
              onChange={(event) => {
                const next = new Set(chosen);
                if (event.currentTarget.checked) next.add(id);
                else next.delete(id);
                choose(next);
              }}
            />
            {number} {name}
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        class="button primary"
        data-testid="rotation-toggle"
        onClick={() => changeWall((before) => toggled({ ...before, rotation }, [], startNow()))}
      >
        {words(turns ? "rotation.stop" : "rotation.start")}
      </button>
      <p class="small quiet">{words("rotation.how")}</p>
    </section>
  );
}
