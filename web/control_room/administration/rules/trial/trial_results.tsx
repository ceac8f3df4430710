/** What rules would have noticed beside what was really noticed: by rule, on the hours' width. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { svgPoints } from "../../../../shared/geo.ts";
import { say } from "../../../../shared/i18n/index.ts";
import { sayTime } from "../../../../shared/moments.ts";
import type { Id, Instant, Rule } from "../../../../shared/types.ts";
import { momentStill, type Fired, type Hours, type Moment, type Trial } from "./api.ts";
import { compared, placed, type Row } from "./compared.ts";
import { whyWithheld } from "./withheld.ts";
import { words } from "./words.ts";

const clock = (at: Instant): string => sayTime(Date.parse(at));
const share = (value: number): string => `${value * 100}%`;

export function TrialResults(props: {
  cameraId: Id;
  trial: Trial;
  rules: readonly Rule[];
  gaps: readonly Hours[];
}): JSX.Element {
  const { cameraId, trial, rules, gaps } = props;
  const [chosen, setChosen] = useState<Id | null>(null);
  const { rows, both, more, fewer } = compared(trial, rules);
  const moment = trial.moments.find(({ id }) => id === chosen) ?? trial.moments[0];
  const nameOf = (one: Moment): string => rules.find(({ id }) => id === one.rule_id)?.name ?? "";
  const withheld = whyWithheld(trial);
  const holes = [...trial.not_covered, ...trial.damaged, ...trial.destroyed, ...gaps];
  return (
    <>
      {trial.film !== null && (
        <p class="small" data-testid="trial-film">
          {words("ofFilm", { name: trial.film })}
        </p>
      )}
      <Left what="notCovered" hours={trial.not_covered} />
      <Left what="gaps" hours={gaps} />
      <Left what="damaged" hours={trial.damaged} />
      <Left what="destroyed" hours={trial.destroyed} />
      {trial.has_more && <p class="small is-warn">{words("hasMore")}</p>}
      {withheld && (
        <p class="small is-warn" data-testid="trial-withheld">
          {words("withheld", { why: withheld })}
        </p>
      )}
      {trial.state === "cancelled" && <p class="small is-warn">{words("partly")}</p>}
      {trial.state === "done" && (
        <p data-testid="trial-sum">
          {trial.moments.length === 0 && <>{words("none")} </>}
          {words("sum", { count: trial.moments.length, both: both.size, more, fewer })}
        </p>
      )}
      <figure class="trial-lines" aria-label={words("timeline")} data-testid="trial-timeline">
        {rows.map((row) => (
          <Line
            key={row.ruleId}
            row={row}
            hours={trial}
            holes={holes}
            both={both}
            chosen={moment?.id}
            onChoose={setChosen}
          />
        ))}
        <figcaption class="trial-scale small quiet">
          <span>{clock(trial.starts_at)}</span>
          <span>
            <i class="trial-mark would" /> {words("would")} <i class="trial-mark did" />{" "}
            {words("did")}
          </span>
          <span>{clock(trial.ends_at)}</span>
        </figcaption>
      </figure>
      {moment && (
        <div class="zones">
          <Still
            key={moment.id}
            src={momentStill(cameraId, trial.id, moment.id)}
            moment={moment}
            rule={rules.find(({ id }) => id === moment.rule_id)}
          />
          <div class="form trial-list">
            <h3>{words("moments")}</h3>
            <ol class="versions">
              {trial.moments.map((one) => (
                <li key={one.id} data-testid="trial-moment">
                  <button
                    type="button"
                    class="button"
                    aria-pressed={one.id === moment.id}
                    onClick={() => setChosen(one.id)}
                  >
                    {clock(one.opened_at)} {nameOf(one)}
                  </button>
                  <span class={both.has(one.id) ? "tag" : "tag warn"}>
                    {words(both.has(one.id) ? "moment.both" : "moment.more")}
                  </span>
                </li>
              ))}
            </ol>
          </div>
        </div>
      )}
    </>
  );
}

/** Hours that were left out, in words. */
function Left(props: {
  what: "notCovered" | "gaps" | "damaged" | "destroyed";
  hours: readonly Hours[];
}): JSX.Element | null {
  const { what, hours } = props;
  if (hours.length === 0) return null;
  const said = hours.map((one) => `${clock(one.starts_at)} – ${clock(one.ends_at)}`).join(", ");
  return (
    <p class="small is-warn" data-testid={`trial-${what}`}>
      {words(what, { hours: said })}
    </p>
  );
}

function Line(props: {
  row: Row;
  hours: Hours;
  holes: readonly Hours[];
  both: ReadonlySet<Id>;
  chosen: Id | undefined;
  onChoose: (id: Id) => void;
}): JSX.Element {
  const { row, hours, holes, both, chosen, onChoose } = props;
  const style = (from: Instant, to: Instant | null): { left: string; width: string } => {
    const { left, width } = placed({ from, to }, hours);
    return { left: share(left), width: share(width) };
  };
  const name = row.kind ? words("gone", { kind: say(`kind.${row.kind}`) }) : row.name;
  return (
    <div class="trial-line">
      <span class="small">{name}</span>
      <div class="trial-band">
        {holes.map((one, i) => (
          <i key={i} class="trial-hole" style={style(one.starts_at, one.ends_at)} />
        ))}
        {row.moments.map((one) => (
          <button
            key={one.id}
            type="button"
            class={one.id === chosen ? "trial-mark would chosen" : "trial-mark would"}
            style={style(one.opened_at, one.closed_at)}
            aria-label={`${name} ${clock(one.opened_at)} : ${words("would")}, ${words(
              both.has(one.id) ? "moment.both" : "moment.more",
            )}`}
            title={`${clock(one.opened_at)} ${words("would")}`}
            onClick={() => onChoose(one.id)}
          />
        ))}
        {row.fired.map((one) => (
          <span
            key={one.id}
            class="trial-mark did"
            role="img"
            style={style(one.opened_at, one.closed_at)}
            aria-label={`${name} ${clock(one.opened_at)} : ${words("did")}, ${became(one)}`}
            title={`${clock(one.opened_at)} ${words("did")}, ${became(one)}`}
          />
        ))}
      </div>
    </div>
  );
}

function became({ alert_state }: Fired): string {
  if (alert_state === null) return words("did.none");
  if (alert_state === "raised") return words("did.waits");
  return words(alert_state === "dismissed" ? "did.dismissed" : "did.confirmed");
}

function Still(props: { src: string; moment: Moment; rule: Rule | undefined }): JSX.Element {
  const { src, moment, rule } = props;
  const [missing, setMissing] = useState(false);
  if (missing) return <p class="small quiet">{words("stillGone")}</p>;
  const name = rule?.name ?? "";
  return (
    <figure class="still zone-side" data-testid="trial-still">
      <img
        src={src}
        alt={words("still", { name, at: clock(moment.opened_at) })}
        onError={() => setMissing(true)}
      />
      <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
        {rule?.shape === "zone" && <polygon class="still-zone" points={svgPoints(rule.points)} />}
        {rule?.shape === "line" && <polyline class="still-zone" points={svgPoints(rule.points)} />}
        {moment.boxes.map(([left, top, right, bottom], i) => (
          <rect
            key={i}
            class="still-box"
            x={left * 1000}
            y={top * 1000}
            width={(right - left) * 1000}
            height={(bottom - top) * 1000}
          />
        ))}
      </svg>
      <figcaption class="small">
        {clock(moment.opened_at)} · {name}
      </figcaption>
    </figure>
  );
}
