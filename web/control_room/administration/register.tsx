/** The register: who looked at what, and why; and whether the book still holds together. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../shared/problem.ts";
import { When } from "../../shared/ui/age.tsx";
import { Fault } from "../../shared/ui/fault.tsx";
import { say } from "../../shared/i18n/index.ts";
import { THREATS } from "../../shared/types.ts";
import { sayRole } from "../bar/health.tsx";
import { room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { devices } from "./collection.ts";
import { readRegister, verifyRegister, type Entry, type Verification } from "./intents.ts";
import { SectionHead, Skeleton, Table } from "./section.tsx";
import { text } from "./words/index.ts";
import { fr as known, told } from "./words/register.ts";

export function RegisterSection(): JSX.Element {
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  const [more, setMore] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const commune = here.value;
  const read = async (before: number | null): Promise<void> => {
    if (!commune) return;
    try {
      const page = await readRegister(commune, before);
      setEntries((held) => [...(before === null ? [] : (held ?? [])), ...page.entries]);
      setMore(page.entries.length > 0 && (page.entries.at(-1)?.number ?? 1) > 1);
      setProblem(null);
    } catch (error) {
      setProblem(Problem.of(error));
    }
  };
  useEffect(() => void read(null), [commune]);
  useEffect(() => void devices.load(), []);
  return (
    <>
      <SectionHead title={text("section.register")} intro={told("register.intro")} add={null}>
        <Verify />
      </SectionHead>
      {problem && <Fault error={problem} retry={() => void read(null)} />}
      {!entries && !problem && <Skeleton />}
      {entries?.length === 0 && <p class="empty">{told("register.empty")}</p>}
      {entries && entries.length > 0 && (
        <>
          <Table
            things={entries.map((entry) => ({ ...entry, id: String(entry.number) }))}
            testid="register-row"
            columns={[
              { title: told("register.number"), cell: ({ number }) => number },
              { title: told("register.at"), cell: ({ at }) => <When at={at} /> },
              {
                title: told("register.actor"),
                cell: ({ actor, actor_name }) => actor_name ?? sayActor(actor),
              },
              { title: told("register.action"), cell: ({ action }) => sayAction(action) },
              {
                title: told("register.about"),
                cell: ({ about, data }) => (
                  <details>
                    <summary>{sayAbout(about)}</summary>
                    <pre class="small">{JSON.stringify({ about, ...data }, null, 1)}</pre>
                  </details>
                ),
              },
              { title: told("register.motive"), cell: ({ motive }) => sayMotive(motive) },
            ]}
          />
          {more && (
            <button
              type="button"
              class="button"
              onClick={() => void read(entries.at(-1)?.number ?? null)}
            >
              {told("register.more")}
            </button>
          )}
        </>
      )}
    </>
  );
}

/** Things by their names, as far as this screen knows them. */
function sayAbout(about: string): string {
  const [kind = "", id = ""] = about.split(":");
  const { cameras, units } = room.value;
  const camera = cameras.get(id);
  if (camera) return words("camera.named", { number: camera.number, name: camera.name });
  const unit = units.get(id);
  if (unit) return unit.call_sign;
  const device = devices.find(id);
  if (device) return device.name;
  const key = `about.${kind}`;
  const sort = key in known ? told(key as keyof typeof known) : kind;
  // The number in full is one press away; two rows about one thing show the same end of it.
  return id ? `${sort} …${id.slice(-4)}` : sort;
}

/** Who has no name: the system itself, one of its processes. */
function sayActor(actor: string): string {
  const process = /^process:(\w+)@/.exec(actor)?.[1];
  if (process) return told("register.process", { name: sayRole(process) });
  return actor === "system" ? told("register.system") : actor;
}

/** The server's own motives are codes: the reason for filming, the still of an alert. */
function sayMotive(motive: string): string {
  const threat = THREATS.find((one) => one === motive);
  if (threat) return say(`threat.${threat}`);
  return motive === "alert" ? told("about.alert") : motive;
}

function sayAction(action: string): string {
  const key = `action.${action}`;
  return key in known ? told(key as keyof typeof known) : action;
}

function Verify(): JSX.Element {
  const [found, setFound] = useState<Verification | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const verify = (): void => {
    setBusy(true);
    setFound(null);
    setProblem(null);
    verifyRegister()
      .then(setFound, (error: unknown) => setProblem(Problem.of(error)))
      .finally(() => setBusy(false));
  };
  return (
    <div class="verify">
      <button type="button" class="button" data-testid="verify" disabled={busy} onClick={verify}>
        {told("register.verify")}
      </button>
      {problem && <Fault error={problem} />}
      {found && (
        <p role="status" class={found.holds ? "" : "is-warn"} data-testid="verification">
          {found.holds
            ? told("register.holds", { count: found.checked })
            : told("register.broken", { number: found.broken_at ?? 0, reason: found.reason })}
          <br />
          <span class="small quiet">{found.head}</span>
        </p>
      )}
    </div>
  );
}
