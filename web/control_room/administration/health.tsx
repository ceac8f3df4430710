/** The installation's health in full: processes, clocks, disk, push, orders that end. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale, say, sayNumber } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import { ageSeconds, now, sayAge, sayDay } from "../../shared/time.ts";
import { RESTS, type Health, type Rests, type RulesResting } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { sayDetail } from "../../shared/i18n/details.ts";
import { sayRole, sayVolumeAlarm } from "../bar/health.tsx";
import { health as live } from "../state/store.ts";
import { words as watching } from "../watching/words.ts";
import { words } from "../words/index.ts";
import { readHealth } from "./intents.ts";
import { SectionHead, Skeleton, Table } from "./section.tsx";
import { text } from "./words/index.ts";

export function HealthSection(): JSX.Element {
  const [read, setRead] = useState<Health | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    readHealth().then(setRead, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(load, []);
  const health = live.value ?? read;
  return (
    <>
      <SectionHead title={text("section.health")} intro={text("health.intro")} add={null} />
      {problem && !health && <Fault error={problem} retry={load} />}
      {!health && !problem && <Skeleton />}
      {health && <Whole health={health} />}
    </>
  );
}

function Whole({ health }: { health: Health }): JSX.Element {
  const gigabytes = (bytes: number): string => (bytes / 1e9).toLocaleString(locale.value, { maximumFractionDigits: 1 });
  return (
    <div class="form">
      <Table
        things={health.processes.map((one) => ({ ...one, id: one.holder }))}
        columns={[
          { title: text("health.process"), cell: ({ role }) => <>{role} <span class="quiet small">{sayRole(role)}</span></> },
          {
            title: text("camera.state"),
            cell: ({ up }) =>
              up ? text("health.up") : <span class="tag danger">{text("health.downNow")}</span>,
          },
          {
            title: text("health.lastSign"),
            cell: ({ seen_at }) => sayAge(ageSeconds(seen_at, Date.parse(health.now)), locale.value),
          },
          {
            title: text("health.clock"),
            cell: ({ clock_offset_ms }) =>
              clock_offset_ms === null ? "" : `${Math.round(clock_offset_ms)} ms`,
          },
        ]}
      />
      <dl>
        <div class="row">
          <dt>{text("health.disk")}</dt>
          <dd>
            {text("health.diskFree", {
              free: gigabytes(health.disk.free_bytes),
              total: gigabytes(health.disk.total_bytes),
            })}
          </dd>
        </div>
        <div class="row">
          <dt>{text("health.database")}</dt>
          <dd>
            {health.database.ok ? text("health.up") : text("health.downNow")}
            {health.database.size_bytes !== null &&
              `, ${sayNumber(health.database.size_bytes / 1e6)} Mo`}
          </dd>
        </div>
        {health.recordings.map((alarm) => (
          <div class="row" key={alarm.volume + alarm.kind}>
            <dt>{text("health.recordings")}</dt>
            <dd>
              <span class="tag danger">{sayVolumeAlarm(alarm)}</span>
            </dd>
          </div>
        ))}
        {Object.entries(health.push).map(([channel, { on, reason }]) => (
          <div class="row" key={channel}>
            <dt>{channel.replace("_", " ")}</dt>
            <dd>
              {text(on ? "health.on" : "health.off")} <span class="quiet">{sayDetail(reason ?? "")}</span>
            </dd>
          </div>
        ))}
        {health.cameras_behind.map((one) => (
          <div class="row" key={`${one.id} behind`}>
            <dt>
              {one.number} {one.name}
            </dt>
            <dd>
              <span class="tag warn">
                {words("camera.behind", { looks: sayNumber(one.looks_per_s, 1), wanted: sayNumber(one.wanted_per_s, 1) })}
              </span>
            </dd>
          </div>
        ))}
        {health.cameras_impaired.map((one) => (
          <div class="row" key={`${one.id} impaired`}>
            <dt>
              {one.number} {one.name}
            </dt>
            <dd>
              <span class="tag warn">{words(`camera.${one.what}`)}</span>{" "}
              {sayAge(ageSeconds(one.since, Date.parse(health.now)), locale.value)}
            </dd>
          </div>
        ))}
        {health.suspensions.map((one) => (
          <div class="row" key={`${one.camera_id} ${one.kind}`}>
            <dt>
              {one.number} {one.name}
            </dt>
            <dd>
              <span class="tag warn">{words("camera.suspended", { kind: say(`kind.${one.kind}`) })}</span>{" "}
              {sayAge(ageSeconds(one.suspended_at, Date.parse(health.now)), locale.value)}
            </dd>
          </div>
        ))}
        <Resting resting={health.rules_resting} />
        {health.orders_ending.map((order) => (
          <div class="row" key={order.id}>
            <dt>{order.number}</dt>
            <dd>
              {text("order.ending")} {sayDay(order.ends_at, now.value, locale.value)}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Rules that are not watched now, by reason; the first of each by name. */
function Resting({ resting }: { resting: RulesResting }): JSX.Element {
  const reasons = RESTS.map((reason) => {
    const counts = resting.counts.filter((one) => one.reason === reason);
    return {
      reason,
      toMend: counts.some(({ to_mend }) => to_mend),
      count: counts.reduce((sum, one) => sum + one.count, 0),
    };
  });
  const those = reasons.filter(({ count }) => count > 0);
  return (
    <>
      {those.length > 0 && (
        <div class="row" data-testid="resting">
          <dt>{watching("resting")}</dt>
          <dd>
            {those.map((one) => (
              <Reason key={one.reason} {...one} named={resting.named} />
            ))}
          </dd>
        </div>
      )}
      {resting.unavailable.length > 0 && (
        <div class="row" data-testid="unavailable-kinds">
          <dt>{watching("unavailable")}</dt>
          <dd>
            {watching("unavailable.why", {
              kinds: resting.unavailable.map((kind) => say(`kind.${kind}`)).join(", "),
            })}
          </dd>
        </div>
      )}
    </>
  );
}

function Reason(props: {
  reason: Rests;
  toMend: boolean;
  count: number;
  named: RulesResting["named"];
}): JSX.Element {
  const { reason, toMend, count } = props;
  const named = props.named.filter((one) => one.reason === reason);
  return (
    <div class="watched-now" data-reason={reason}>
      <p>
        <span class={toMend ? "tag warn" : "tag"}>{watching(`rests.${reason}`)}</span> {count}
      </p>
      {named.map((one) => (
        <p key={one.id} class="small quiet">
          {one.number} {one.name}, {watching("rule", { kind: say(`kind.${one.kind}`), name: one.rule })}
        </p>
      ))}
      {named.length > 0 && count > named.length && (
        <p class="small quiet">{watching("more", { count: count - named.length })}</p>
      )}
    </div>
  );
}
