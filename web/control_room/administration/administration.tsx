/** Administration: what the town keeps, section by section; each says who may change it. */

import "./details.ts";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import type { Id, Permission } from "../../shared/types.ts";
import { section } from "../state/address.ts";
import { may, me } from "../state/store.ts";
import { Announcements } from "./announcements.tsx";
import { Authorisations } from "./authorisations.tsx";
import { Cameras } from "./cameras.tsx";
import { Communes } from "./communes.tsx";
import { Devices } from "./devices.tsx";
import { HealthSection } from "./health.tsx";
import { Orders } from "./orders.tsx";
import { People } from "./people.tsx";
import { Recordings } from "./recordings.tsx";
import { RegisterSection } from "./register.tsx";
import { Results } from "./results/results.tsx";
import { Sensors } from "./sensors/sensors.tsx";
import { Units } from "./units.tsx";
import { text } from "./words/index.ts";

/** The commune that new things belong to. */
export const here = signal<Id | null>(null);

const SECTIONS: readonly (readonly [name: SectionName, needs: Permission, view: () => JSX.Element])[] = [
  ["cameras", "read-setup", Cameras],
  ["sensors", "read-setup", Sensors],
  ["orders", "read-setup", Orders],
  ["authorisations", "read-setup", Authorisations],
  ["results", "read-setup", Results],
  ["devices", "read-setup", Devices],
  ["units", "read-setup", Units],
  ["people", "manage-people", People],
  ["communes", "read-setup", Communes],
  ["recordings", "read-setup", Recordings],
  ["announcements", "manage-announcements", Announcements],
  ["register", "read-register", RegisterSection],
  ["health", "read-setup", HealthSection],
];
type SectionName =
  | "cameras"
  | "sensors"
  | "orders"
  | "authorisations"
  | "results"
  | "devices"
  | "units"
  | "people"
  | "communes"
  | "recordings"
  | "announcements"
  | "register"
  | "health";

export function Administration(): JSX.Element {
  const open = SECTIONS.filter(([, needs]) => may(needs));
  const [name, , View] = open.find(([one]) => one === section.value) ?? open[0] ?? [];
  const own = (me.value?.communes ?? []).filter(({ permissions }) =>
    permissions.includes("read-setup"),
  );
  useEffect(() => {
    if (!own.some(({ id }) => id === here.value)) here.value = own[0]?.id ?? null;
  }, [own.length]);
  if (!View) {
    return (
      <div class="empty">
        <h1>{text("administration.denied")}</h1>
        <p>{text("administration.who")}</p>
      </div>
    );
  }
  return (
    <div class="administration">
      <nav class="sections" aria-label={text("administration.sections")}>
        {own.length > 1 && (
          <label class="field">
            <span class="label">{text("commune.one")}</span>
            <select class="input" onChange={(event) => (here.value = event.currentTarget.value)}>
              {own.map((one) => (
                <option key={one.id} value={one.id} selected={one.id === here.value}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <ul>
          {open.map(([one]) => (
            <li key={one}>
              <button
                type="button"
                class="button plain line"
                data-testid={`section-${one}`}
                aria-current={one === name ? "page" : undefined}
                onClick={() => (section.value = one)}
              >
                {text(`section.${one}`)}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div class="section" key={name}>
        <View />
      </div>
    </div>
  );
}
