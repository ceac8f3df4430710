/** One section: its title, what it is for, what is in it, and the way to add to it. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Plus } from "lucide";
import { Fault } from "../../shared/ui/fault.tsx";
import { Icon } from "../../shared/ui/icon.tsx";
import type { Id } from "../../shared/types.ts";
import { Dialog } from "../ui.tsx";
import { here } from "./administration.tsx";
import type { Collection } from "./collection.ts";
import { text } from "./words/index.ts";

export interface Column<T> {
  title: string;
  cell: (thing: T) => ComponentChildren;
}

export function Section<T extends { id: Id; commune_id?: Id }>(props: {
  title: string;
  intro: string;
  empty: string;
  from: Collection<T>;
  columns: readonly Column<T>[];
  acts?: (thing: T) => ComponentChildren;
  add?: { label: string; form: (close: () => void) => ComponentChildren; wide?: boolean } | null;
  /** Beside the way to add one. */
  more?: ComponentChildren;
  testid?: string;
}): JSX.Element {
  const { from } = props;
  const state = from.state.value;
  useEffect(() => void from.load(), []);
  const things = from.things.filter(
    ({ commune_id }) => commune_id === undefined || !here.value || commune_id === here.value,
  );
  return (
    <>
      <SectionHead title={props.title} intro={props.intro} add={props.add ?? null}>
        {props.more}
      </SectionHead>
      {state.phase === "failed" && <Fault error={state.problem} retry={() => void from.load()} />}
      {(state.phase === "loading" || state.phase === "unasked") && <Skeleton />}
      {state.phase === "here" && things.length === 0 && (
        <p class="empty">{props.empty}</p>
      )}
      {things.length > 0 && (
        <Table things={things} columns={props.columns} acts={props.acts} testid={props.testid} />
      )}
    </>
  );
}

export function Skeleton(): JSX.Element {
  return (
    <div class="rows-skeleton" aria-busy="true">
      <div class="skeleton" />
      <div class="skeleton" />
      <div class="skeleton" />
    </div>
  );
}

export function Table<T extends { id: Id }>(props: {
  things: readonly T[];
  columns: readonly Column<T>[];
  acts?: ((thing: T) => ComponentChildren) | undefined;
  testid?: string | undefined;
  /** Where there are several on a page, none is called as another. */
  label?: string;
}): JSX.Element {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={props.label ?? text("table.region")}>
      <table>
        <thead>
          <tr>
            {props.columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
            {props.acts && (
              <th scope="col">
                <span class="unseen">{text("table.acts")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {props.things.map((thing) => (
            <tr key={thing.id} data-testid={props.testid}>
              {props.columns.map(({ title, cell }, i) =>
                i === 0 ? (
                  <th key={title} scope="row">
                    {cell(thing)}
                  </th>
                ) : (
                  <td key={title}>{cell(thing)}</td>
                ),
              )}
              {props.acts && (
                <td>
                  <div class="acts">{props.acts(thing)}</div>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function SectionHead(props: {
  title: string;
  intro: string;
  add: { label: string; form: (close: () => void) => ComponentChildren; wide?: boolean } | null;
  children?: ComponentChildren;
}): JSX.Element {
  const [adding, setAdding] = useState(false);
  const { add } = props;
  return (
    <header class="section-head">
      <div>
        <h1>{props.title}</h1>
        <p class="quiet">{props.intro}</p>
      </div>
      {props.children}
      {add && (
        <button
          type="button"
          class="button primary"
          data-testid="add"
          onClick={() => setAdding(true)}
        >
          <Icon node={Plus} /> {add.label}
        </button>
      )}
      {add && adding && (
        <Dialog title={add.label} wide={add.wide ?? false} onClose={() => setAdding(false)}>
          {add.form(() => setAdding(false))}
        </Dialog>
      )}
    </header>
  );
}

/** A button that opens a dialog. */
export function Opens(props: {
  label: string;
  title?: string;
  wide?: boolean;
  testid?: string;
  children: (close: () => void) => ComponentChildren;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button" data-testid={props.testid} onClick={() => setOpen(true)}>
        {props.label}
      </button>
      {open && (
        <Dialog
          title={props.title ?? props.label}
          wide={props.wide ?? false}
          onClose={() => setOpen(false)}
        >
          {props.children(() => setOpen(false))}
        </Dialog>
      )}
    </>
  );
}
