/** Which communes are in view: all of them, or the ones chosen. */

import type { JSX } from "preact";
import { Building2 } from "lucide";
import { say } from "../../shared/i18n/index.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { inView, me } from "../state/store.ts";
import { words } from "../words/index.ts";
import { Menu } from "./menu.tsx";

export function CommunesInView(): JSX.Element {
  const communes = me.value?.communes ?? [];
  const chosen = inView.value;
  const names = communes.filter(({ id }) => !chosen || chosen.has(id)).map(({ name }) => name);
  const fictive = communes.some(({ profile }) => profile === "demonstration");
  const label = (
    <>
      <Icon node={Building2} />
      <span class="bar-communes">{names.join(", ")}</span>
      {fictive && <span class="tag warn">{say("demonstration")}</span>}
    </>
  );
  if (communes.length < 2) return <p class="bar-commune">{label}</p>;
  const toggle = (id: string): void => {
    const next = new Set(chosen ?? communes.map((one) => one.id));
    if (next.has(id)) next.delete(id);
    else next.add(id);
    inView.value = next.size === 0 || next.size === communes.length ? null : next;
  };
  return (
    <Menu button={label} label={words("bar.communes")}>
      <fieldset>
        <legend class="small quiet">{words("bar.communes")}</legend>
        {communes.map(({ id, name }) => (
          <label class="check" key={id}>
            <input
              type="checkbox"
              checked={!chosen || chosen.has(id)}
              onChange={() => toggle(id)}
            />
            {name}
          </label>
        ))}
      </fieldset>
    </Menu>
  );
}
