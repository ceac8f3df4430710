/** A list of cameras: looked at line by line, then taken in; those of before, taken back. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../shared/problem.ts";
import { locale } from "../../../shared/i18n/locale.ts";
import { sayAbsolute } from "../../../shared/time.ts";
import type { Id } from "../../../shared/types.ts";
import { Fault } from "../../../shared/ui/fault.tsx";
import { notify } from "../../notices/notices.ts";
import { Choice } from "../../ui.tsx";
import { orders } from "../collection.ts";
import { keptCameras } from "../intents.ts";
import { Sure } from "../sure.tsx";
import {
  listAddress,
  pastImports,
  readList,
  takeIn,
  undoImport,
  type List,
  type PastImport,
  type Report,
} from "./lists.ts";
import { words, type Verdict } from "./words.ts";

/** Refused ones first; a page of 5,000 rows helps nobody. */
const MOST_SHOWN = 200;
const VERDICTS: readonly Verdict[] = ["refused", "new", "there"];

export function CameraList({ commune }: { commune: Id }): JSX.Element {
  const [list, setList] = useState<List | null>(null);
  const [order, setOrder] = useState<Id | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [past, setPast] = useState<readonly PastImport[]>([]);
  const newest = useRef(0);
  const loadPast = (): void => void pastImports(commune).then(setPast, () => undefined);
  useEffect(loadPast, [commune]);
  const ask = async (of: List, under: Id | null, keep: boolean): Promise<void> => {
    const mine = (newest.current += 1);
    setBusy(true);
    setProblem(null);
    setReport(null);
    try {
      const found = await takeIn(commune, of, under, keep);
      if (mine === newest.current) setReport(found);
      if (!keep) return;
      notify({ tone: "done", text: words("kept", { count: found.counts.new }) });
      loadPast();
      await keptCameras.load();
    } catch (error) {
      if (mine === newest.current) setProblem(Problem.of(error));
    } finally {
      if (mine === newest.current) setBusy(false);
    }
  };
  const choose = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const read = await readList(file);
    setList(read);
    await ask(read, order, false);
  };
  const mine = orders.things.filter(({ commune_id }) => commune_id === commune);
  return (
    <div class="form" data-testid="camera-list">
      <p class="quiet">{words("how")}</p>
      <div class="form-row">
        <label class="field">
          <span class="label">{words("file")}</span>
          <input
            class="input"
            type="file"
            accept=".csv,.txt,.json,.geojson,text/csv,application/geo+json"
            data-testid="list-file"
            onChange={(event) => void choose(event.currentTarget.files?.[0])}
          />
        </label>
        <Choice
          label={words("order")}
          value={order ?? ""}
          options={[["", words("noOrder")], ...mine.map(({ id, number }) => [id, number] as const)]}
          onChange={(value) => {
            setOrder(value || null);
            if (list) void ask(list, value || null, false);
          }}
        />
      </div>
      {busy && <p role="status">{words("looking")}</p>}
      {problem && <Fault error={problem} />}
      {report && <ReportOf report={report} />}
      {list && report && !report.import_id && report.counts.new > 0 && (
        <div class="form-acts">
          <button
            type="button"
            class="button primary"
            data-testid="keep-list"
            onClick={() => void ask(list, order, true)}
          >
            {words("keep", { count: report.counts.new })}
          </button>
        </div>
      )}
      <p>
        {words("out")}
        <a href={listAddress(commune, "csv")} download>
          CSV
        </a>
        {" · "}
        <a href={listAddress(commune, "geojson")} download>
          GeoJSON
        </a>
      </p>
      {past.length > 0 && <Past past={past} commune={commune} onUndone={loadPast} />}
    </div>
  );
}

function ReportOf({ report }: { report: Report }): JSX.Element {
  const lines = VERDICTS.flatMap((one) => report.lines.filter(({ verdict }) => verdict === one));
  return (
    <>
      <p role="status" data-testid="list-counts">
        {words("new", { count: report.counts.new })} · {words("there", { count: report.counts.there })}{" "}
        ·{" "}
        <span class={report.counts.refused ? "is-warn" : ""}>
          {words("refused", { count: report.counts.refused })}
        </span>
      </p>
      <div class="table-box list-report" tabIndex={0} role="region" aria-label={words("verdict")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words("line")}</th>
              <th scope="col">{words("number")}</th>
              <th scope="col">{words("name")}</th>
              <th scope="col">{words("verdict")}</th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, MOST_SHOWN).map(({ at, number, name, verdict, faults }) => (
              <tr key={at} data-testid="list-line">
                <td>{at}</td>
                <td>{number}</td>
                <td>{name}</td>
                <td class={verdict === "refused" ? "is-warn" : ""}>
                  {faults.length > 0
                    ? words("because", {
                        verdict: words(`verdict.${verdict}`),
                        faults: faults.map((one) => words(`fault.${one}`)).join(", "),
                      })
                    : words(`verdict.${verdict}`)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {lines.length > MOST_SHOWN && (
        <p class="quiet">{words("more", { count: lines.length - MOST_SHOWN })}</p>
      )}
    </>
  );
}

function Past(props: {
  past: readonly PastImport[];
  commune: Id;
  onUndone: () => void;
}): JSX.Element {
  const undo = async ({ id }: PastImport): Promise<void> => {
    const said = await undoImport(props.commune, id);
    notify({ tone: "done", text: words("undone", { ...said }) });
    props.onUndone();
    await keptCameras.load();
  };
  return (
    <section>
      <h3>{words("past")}</h3>
      <ul class="wizard-list">
        {props.past.map((one) => (
          <li key={one.id}>
            {sayAbsolute(one.imported_at, locale.value)} · {words("one", { count: one.cameras, by: one.imported_by })}{" "}
            {one.undone_at ? (
              <span class="quiet">{words("undoneBefore")}</span>
            ) : one.recorded ? (
              <span class="quiet">{words("recorded")}</span>
            ) : (
              <Sure
                label={words("undo")}
                what={words("undoWhat", { count: one.cameras })}
                onYes={() => undo(one)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
