/** Health in one word; each camera down, late phone and full disk is behind it. */

import type { ComponentChildren, JSX } from "preact";
import { Activity, TriangleAlert } from "lucide";
import { sayDetail } from "../../shared/i18n/details.ts";
import { locale, say, sayNumber } from "../../shared/i18n/index.ts";
import { now, sayDay, sayOffset } from "../../shared/time.ts";
import type { VolumeAlarm } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import { cameras, health, selection, units } from "../state/store.ts";
import { words } from "../words/index.ts";
import { troublesOf, wordOf, type Trouble } from "./health_word.ts";
import { Menu } from "./menu.tsx";

export function HealthWord(): JSX.Element {
  const troubles = troublesOf(health.value, cameras.value, units.value, now.value);
  const word = wordOf(health.value, troubles);
  const serious = troubles.filter(({ what }) => what !== "push" && what !== "order").length;
  return (
    <Menu
      label={words("health.title")}
      testid="health"
      tone={word === "bad" ? "is-bad" : word === "note" ? "is-note" : "is-calm"}
      button={
        <>
          <Icon node={word === "bad" || word === "note" ? TriangleAlert : Activity} />
          <span>{words(`health.${word}`, { count: serious })}</span>
        </>
      }
    >
      <h2>{words("health.title")}</h2>
      {troubles.length === 0 && (
        <p class="quiet">{words(word === "unknown" ? "health.unknownWhy" : "health.goodWhy")}</p>
      )}
      <ul class="health-list">
        {troubles.map((trouble, i) => (
          <li key={i}>
            <Line trouble={trouble} />
          </li>
        ))}
      </ul>
    </Menu>
  );
}

function Line({ trouble }: { trouble: Trouble }): JSX.Element {
  switch (trouble.what) {
    case "camera":
      return (
        <Choose kind="camera" id={trouble.id}>
          {words("health.camera", { name: trouble.name })} <Age since={trouble.since} />
          {trouble.reason && <span class="quiet small"> {sayDetail(trouble.reason)}</span>}
        </Choose>
      );
    case "outage":
      return (
        <div data-testid="outage">
          <p>
            {words("health.outage", { count: trouble.cameras.length })} <Age since={trouble.since} />
            {trouble.network && <span class="quiet small"> {trouble.network}</span>}
          </p>
          <Cameras of={trouble.cameras} />
        </div>
      );
    case "behind":
      return (
        <div data-testid="behind">
          <p>
            {words("health.behind", {
              looks: sayNumber(trouble.looks, 1),
              wanted: sayNumber(trouble.wanted, 1),
              count: trouble.cameras.length,
            })}
          </p>
          <Cameras of={trouble.cameras} />
        </div>
      );
    case "impaired":
      return (
        <div data-testid="impaired">
          <p>{words(`camera.${trouble.of}`)}</p>
          <Cameras of={trouble.cameras} />
        </div>
      );
    case "unlawful":
      return (
        <Choose kind="camera" id={trouble.id}>
          {words("health.unlawful", { name: trouble.name })}
          <span class="quiet small"> {sayDetail(trouble.reason)}</span>
        </Choose>
      );
    case "suspension":
      return (
        <Choose kind="camera" id={trouble.id}>
          {words("health.suspended", { kind: say(`kind.${trouble.kind}`), name: trouble.name })}{" "}
          <Age since={trouble.since} />
        </Choose>
      );
    case "phone":
      return (
        <Choose kind="unit" id={trouble.id}>
          {words("health.phone", { name: trouble.name })} <Age since={trouble.since} />
        </Choose>
      );
    case "process":
      return (
        <p>
          {words("health.process", { name: trouble.name, does: sayRole(trouble.name) })} <Age since={trouble.since} />
        </p>
      );
    case "database":
      return <p>{words("health.database")}</p>;
    case "volume":
      return (
        <p>
          {sayVolumeAlarm(trouble.alarm)} {trouble.alarm.kind !== "filling" && <Age since={trouble.alarm.since} />}
        </p>
      );
    case "disk":
      return (
        <p>
          {words("health.disk", {
            free: sayNumber(trouble.freeBytes / 1e9, 1),
            share: Math.round(trouble.share * 100),
          })}
        </p>
      );
    case "camera-clock":
      return (
        <Choose kind="camera" id={trouble.id}>
          {words("health.cameraClock", {
            name: trouble.name,
            offset: sayOffset(trouble.offset_ms, locale.value),
          })}{" "}
          <Age since={trouble.since} />
        </Choose>
      );
    case "clock":
      return (
        <p>{words("health.clock", { name: trouble.name, ms: Math.round(trouble.offset_ms) })}</p>
      );
    case "push":
      return (
        <p class="quiet">
          {words("health.push", { channel: trouble.channel.replace("_", " ") })} {sayDetail(trouble.reason)}
        </p>
      );
    case "order":
      return (
        <p class="quiet">
          {words("health.order", {
            number: trouble.number,
            day: sayDay(trouble.endsAt, now.value, locale.value),
          })}
        </p>
      );
  }
}

/** Those that one trouble is about, each with since when, where that differs. */
function Cameras({ of }: { of: { id: string; name: string; since?: string }[] }): JSX.Element {
  return (
    <>
      {of.map(({ id, name, since }) => (
        <Choose key={id} kind="camera" id={id}>
          <span class="small">{name}</span> {since && <Age since={since} />}
        </Choose>
      ))}
    </>
  );
}

/** What is wrong with where recordings lie, in a sentence. */
export function sayVolumeAlarm({ kind, host, full_at, overdue }: VolumeAlarm): string {
  const day = full_at ? sayDay(full_at, now.value, locale.value) : "";
  return words(`health.volume.${kind}`, { host, day, count: overdue });
}

/** What a process does, in a word. */
export function sayRole(role: string): string {
  return role === "control" || role === "media" || role === "detect" ? words(`process.${role}`) : role;
}

function Choose(props: {
  kind: "camera" | "unit";
  id: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <button
      type="button"
      class="button plain line"
      onClick={() => (selection.value = { kind: props.kind, id: props.id })}
    >
      <span>{props.children}</span>
    </button>
  );
}
