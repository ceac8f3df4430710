/** The first step: cameras that answer on the network, or an address. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../shared/problem.ts";
import { Fault } from "../../../shared/ui/fault.tsx";
import { Choice, Field, Form } from "../../ui.tsx";
import { keptCameras } from "../intents.ts";
import { searchCameras, type FoundCamera, type SearchResult } from "./onvif.ts";
import { troubleOf, words } from "./words.ts";

export function FindStep(props: {
  onChosen: (address: string, name: string) => void;
  onByHand: () => void;
}): JSX.Element {
  const [address, setAddress] = useState("");
  const [on, setOn] = useState<string | null>(null);
  const { result, problem, search } = useSearch();
  useEffect(() => search(null), []);
  return (
    <Form
      testid="find-camera"
      submit={words("find.next")}
      onSubmit={async () => props.onChosen(address.trim(), "")}
    >
      <div class="wizard-found" aria-live="polite" aria-busy={result === null && !problem}>
        {problem && <Fault error={problem} retry={() => search(on)} />}
        {!problem && result === null && <p role="status">{words("find.busy")}</p>}
        {result?.reason && (
          <p class="is-warn">{words("find.failed", { reason: troubleOf(result.reason) })}</p>
        )}
        {result && result.found.length > 0 && (
          <Found found={result.found} onChosen={props.onChosen} />
        )}
        {result && !result.reason && result.found.length === 0 && <p>{words("find.none")}</p>}
      </div>
      {result && (
        <div class="form-row">
          <Choice
            label={words("find.interface")}
            value={on ?? ""}
            options={[
              ["", words("find.all")],
              ...result.interfaces.map((one) => [one, one] as const),
            ]}
            onChange={(value) => setOn(value || null)}
          />
          <button type="button" class="button" data-testid="search-again" onClick={() => search(on)}>
            {words("find.again")}
          </button>
        </div>
      )}
      <Field
        label={words("find.address")}
        hint={words("find.addressHint")}
        value={address}
        onInput={setAddress}
        placeholder="192.168.10.21"
        spellcheck={false}
        required
      />
      <button type="button" class="button plain" data-testid="by-hand" onClick={props.onByHand}>
        {words("find.byHand")}
      </button>
    </Form>
  );
}

function Found(props: {
  found: readonly FoundCamera[];
  onChosen: (address: string, name: string) => void;
}): JSX.Element {
  const known = new Set(keptCameras.things.map(({ main_url }) => hostOf(main_url ?? "")));
  return (
    <ul class="wizard-list" aria-label={words("find.found")}>
      {props.found.map(({ id, address, name, hardware }) => (
        <li key={id}>
          <button
            type="button"
            class="button"
            data-testid="found-camera"
            onClick={() => props.onChosen(address, name)}
          >
            <strong>{name || hardware || hostOf(address)}</strong>
            <span class="quiet">{[hardware, hostOf(address)].filter(Boolean).join(" · ")}</span>
            {known.has(hostOf(address)) && <span class="tag">{words("find.known")}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function hostOf(address: string): string {
  return /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(address)?.[1] ?? address;
}

/** The newest search counts: an earlier one that comes later is not shown. */
function useSearch(): {
  result: SearchResult | null;
  problem: Problem | null;
  search: (on: string | null) => void;
} {
  const [result, setResult] = useState<SearchResult | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const newest = useRef(0);
  const search = (on: string | null): void => {
    const mine = (newest.current += 1);
    setResult(null);
    setProblem(null);
    searchCameras(on).then(
      (found) => mine === newest.current && setResult(found),
      (error: unknown) => mine === newest.current && setProblem(Problem.of(error)),
    );
  };
  return { result, problem, search };
}
