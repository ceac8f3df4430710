/** Results of detection: the operators' answers per source and kind, and what they suspended. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../../shared/i18n/index.ts";
import { Problem } from "../../../shared/problem.ts";
import { now } from "../../../shared/time.ts";
import { DISMISSALS, type Id } from "../../../shared/types.ts";
import { Fault } from "../../../shared/ui/fault.tsx";
import { Choice } from "../../ui.tsx";
import { here } from "../administration.tsx";
import { SectionHead, Skeleton, Table } from "../section.tsx";
import { text } from "../words/index.ts";
import { readFigures, type Figures, type KindFigures } from "./intents.ts";
import { atLeast, number, percent } from "./numbers.ts";
import { Suspensions } from "./suspensions.tsx";
import { words } from "./words.ts";

const PERIODS = ["7", "30", "90", "365"] as const;
type Period = (typeof PERIODS)[number];
const DAY_MS = 86_400_000;

export function Results(): JSX.Element {
  const [period, setPeriod] = useState<Period>("30");
  return (
    <>
      <SectionHead title={text("section.results")} intro={words("intro")} add={null}>
        <Choice
          label={words("period")}
          value={period}
          options={PERIODS.map((one) => [one, words(`days.${one}`)] as const)}
          onChange={(chosen) => setPeriod(chosen as Period)}
        />
      </SectionHead>
      {/* What waits for somebody, before what is read. */}
      {here.value && <Suspensions key={here.value} commune={here.value} />}
      {here.value && <OfCommune key={`${here.value} ${period}`} commune={here.value} days={Number(period)} />}
    </>
  );
}

function OfCommune({ commune, days }: { commune: Id; days: number }): JSX.Element {
  const [figures, setFigures] = useState<Figures | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    const since = new Date(now.peek() - days * DAY_MS).toISOString();
    readFigures(commune, since).then(setFigures, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(load, []);
  if (problem) return <Fault error={problem} retry={load} />;
  if (!figures) return <Skeleton />;
  if (figures.of_sources.length === 0) return <p class="empty">{words("empty")}</p>;
  return (
    <section class="recording-part" aria-label={words("figures")}>
      <h2>{words("figures")}</h2>
      <Table
        things={figures.of_sources.map((one) => ({ ...one, id: `${one.camera_id ?? one.sensor_id} ${one.kind}` }))}
        testid="figures-row"
        label={words("figuresTable")}
        columns={[
          { title: words("camera"), cell: ({ number, name }) => (number === null ? name : `${number} ${name}`) },
          { title: words("kind"), cell: ({ kind }) => say(`kind.${kind}`) },
          {
            title: words("raised"),
            cell: ({ raised, waiting }) => (
              <>
                {raised}
                {waiting > 0 && (
                  <>
                    <br />
                    <span class="small quiet">{words("waiting", { count: waiting })}</span>
                  </>
                )}
              </>
            ),
          },
          { title: words("confirmed"), cell: ({ confirmed }) => confirmed },
          { title: words("dismissed"), cell: (one) => <Dismissed one={one} /> },
          { title: words("share"), cell: ({ share_dismissed }) => percent(share_dismissed) },
          { title: words("watched"), cell: (one) => atLeast(one.days, 1) },
          {
            title: words("false"),
            cell: ({ false_per_day }) =>
              false_per_day === null ? (
                ""
              ) : (
                <span class={false_per_day > figures.limit ? "tag warn" : undefined}>
                  {number(false_per_day, 2)}
                </span>
              ),
          },
        ]}
      />
      <p class="small quiet">{words("limit", { limit: number(figures.limit, 2), of: figures.limit })}</p>
    </section>
  );
}

/** By reason, in the order of the keys. */
function Dismissed({ one }: { one: KindFigures }): JSX.Element {
  const reasons = DISMISSALS.filter((reason) => one.dismissed[reason]);
  return (
    <>
      {reasons.map((reason) => (
        <div key={reason} class="small">
          {one.dismissed[reason]} {say(`dismissal.${reason}`)}
        </div>
      ))}
      {reasons.length === 0 && 0}
    </>
  );
}
