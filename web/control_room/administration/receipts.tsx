/** Receipts: what was destroyed, per day and camera, signed; downloaded, and checked here. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { now, sayAbsolute } from "../../shared/time.ts";
import { locale } from "../../shared/i18n/index.ts";
import type { Id, Receipt } from "../../shared/types.ts";
import { receiptsOf } from "../intents/recordings.ts";
import { saveFile } from "../save_file.ts";
import { Field, Form, textOf } from "../ui.tsx";
import { dayOf } from "./dates.ts";
import { nameOf } from "./holds.tsx";
import { checkReceipt, type Checked } from "./receipt_check.ts";
import { Table } from "./section.tsx";
import { text } from "./words/index.ts";

const DAYS_SHOWN = 7;
const DAY_MS = 86_400_000;

export function Receipts({ commune }: { commune: Id }): JSX.Element {
  const [receipts, setReceipts] = useState<readonly Receipt[] | null>(null);
  const today = dayOf(new Date(now.peek()).toISOString());
  const before = dayOf(new Date(now.peek() - DAYS_SHOWN * DAY_MS).toISOString());
  return (
    <section class="recording-part" aria-label={text("receipts.title")}>
      <h2>{text("receipts.title")}</h2>
      <p class="quiet small">{text("receipts.how")}</p>
      <Form
        testid="receipts-form"
        submit={text("receipts.show")}
        onSubmit={async (form) =>
          setReceipts(await receiptsOf(commune, textOf(form, "first"), textOf(form, "last")))
        }
      >
        <div class="form-row">
          <Field label={text("receipts.first")} name="first" type="date" defaultValue={before} required />
          <Field label={text("receipts.last")} name="last" type="date" defaultValue={today} required />
        </div>
      </Form>
      {receipts?.length === 0 && <p class="empty">{text("receipts.empty")}</p>}
      {receipts && receipts.length > 0 && (
        <Table
          things={receipts}
          testid="receipt-row"
          columns={[
            { title: text("receipt.day"), cell: ({ day }) => day },
            { title: text("hold.sources"), cell: ({ source }) => nameOf(source) },
            {
              title: text("receipt.destroyed"),
              cell: ({ count, bytes }) =>
                text("hold.amount", { count, size: (bytes / 1e6).toLocaleString(locale.value, { maximumFractionDigits: 1 }) }),
            },
            { title: text("receipt.signed"), cell: (one) => sayAbsolute(one.signed_at, locale.value) },
            { title: text("receipt.check"), cell: (one) => <Check receipt={one} /> },
          ]}
          acts={(one) => (
            <button type="button" class="button" onClick={() => download(one)}>
              {text("receipt.download")}
            </button>
          )}
        />
      )}
    </section>
  );
}

function Check({ receipt }: { receipt: Receipt }): JSX.Element {
  const [found, setFound] = useState<Checked | null>(null);
  if (found) {
    return (
      <span class={found === "changed" ? "tag danger" : ""} role="status">
        {text(`receipt.${found}`)}
        <span class="small quiet receipt-key"> {receipt.public_key}</span>
      </span>
    );
  }
  return (
    <button
      type="button"
      class="button"
      data-testid="check-receipt"
      onClick={() => void checkReceipt(receipt).then(setFound)}
    >
      {text("receipt.verify")}
    </button>
  );
}

/** The text as it was signed, its signature and the key: enough to check it without us. */
function download({ body, signature, public_key, day, source }: Receipt): void {
  const content = JSON.stringify({ body, signature, public_key }, null, 1);
  saveFile(
    `destruction-${day}-${source.slice(-4)}.json`,
    new Blob([content], { type: "application/json" }),
  );
}
