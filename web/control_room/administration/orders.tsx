/** The prefect's orders that cameras rest on; an end is announced six months before. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { locale, say } from "../../shared/i18n/index.ts";
import { point } from "../../shared/geo.ts";
import { now, sayDay } from "../../shared/time.ts";
import { notify } from "../notices/notices.ts";
import { may, me } from "../state/store.ts";
import { Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { orders, type Order } from "./collection.ts";
import { dayOf, endOf, inYears, lastDayOf, startOf } from "./dates.ts";
import { Drawing, PlacePicker } from "./place_picker.tsx";
import { Opens, Section } from "./section.tsx";
import { text } from "./words/index.ts";

/** CSI L.252-4: five years at most. */
const YEARS = 5;

export function Orders(): JSX.Element {
  const manages = may("manage-cameras", here.value ?? undefined);
  return (
    <Section
      title={text("section.orders")}
      intro={text("orders.intro")}
      empty={text("orders.empty")}
      from={orders}
      testid="order-row"
      add={
        manages
          ? {
              label: text("orders.add"),
              wide: true,
              form: (close) => <OrderForm order={null} onDone={close} />,
            }
          : null
      }
      columns={[
        {
          title: text("order.number"),
          cell: ({ number, fictive }) => (
            <>
              {number} {fictive && <span class="tag warn">{say("demonstration")}</span>}
            </>
          ),
        },
        {
          title: text("order.from"),
          cell: ({ starts_at }) => sayDay(starts_at, now.value, locale.value),
        },
        {
          title: text("order.until"),
          cell: ({ ends_at, ending }) => (
            <>
              {sayDay(ends_at, now.value, locale.value)}{" "}
              {Date.parse(ends_at) <= now.value ? (
                <span class="tag warn">{text("order.over")}</span>
              ) : (
                ending && <span class="tag warn">{text("order.ending")}</span>
              )}
            </>
          ),
        },
        {
          title: text("order.perimeter"),
          cell: ({ perimeter }) => text(perimeter ? "order.drawn" : "order.byCamera"),
        },
      ]}
      acts={(order) =>
        manages && (
          <Opens label={text("act.change")} title={order.number} wide>
            {(close) => <OrderForm order={order} onDone={close} />}
          </Opens>
        )
      }
    />
  );
}

function OrderForm({ order, onDone }: { order: Order | null; onDone: () => void }): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  const commune = me.value?.communes.find((one) => one.id === (order?.commune_id ?? here.value));
  const ring = order?.perimeter?.coordinates[0]?.slice(0, -1) ?? [];
  const drawing = useMemo(() => new Drawing(ring, false), []);
  const points = drawing.points.value;
  const submit = async (form: FormData): Promise<void> => {
    const first = points[0];
    const body = {
      number: textOf(form, "number"),
      starts_at: startOf(textOf(form, "from")),
      ends_at: endOf(textOf(form, "until")),
      perimeter: first && points.length > 2 ? { type: "Polygon", coordinates: [[...points, first]] } : null,
    };
    if (order) await orders.change(order.id, body);
    else {
      const fictive = form.get("fictive") === "on";
      await orders.add({ id, commune_id: commune?.id, fictive, ...body });
    }
    notify({ tone: "done", text: words("done.saved") });
    onDone();
  };
  return (
    <Form testid="order-form" submit={say("act.save")} onCancel={onDone} onSubmit={submit}>
      <div class="two-columns">
        <div class="form">
          <Field
            label={text("order.number")}
            name="number"
            defaultValue={order?.number}
            hint={text("order.numberHint")}
            required
          />
          <Field
            label={text("order.from")}
            name="from"
            type="date"
            defaultValue={dayOf(order?.starts_at ?? new Date(now.peek()).toISOString())}
            required
          />
          <Field
            label={text("order.lastDay")}
            name="until"
            type="date"
            defaultValue={order ? lastDayOf(order.ends_at) : inYears(YEARS, now.peek())}
            hint={text("order.untilHint")}
            required
          />
          {!order && commune?.profile === "demonstration" && (
            <label class="check">
              <input type="checkbox" name="fictive" defaultChecked /> {say("demonstration")} :{" "}
              {text("order.fictive")}
            </label>
          )}
        </div>
        <div class="form">
          <h3>{text("order.perimeter")}</h3>
          <PlacePicker drawing={drawing} centre={commune?.centre ?? point(2.35, 48.85)} />
          <div class="acts">
            <button type="button" class="button" onClick={() => drawing.removeLast()}>
              {text("zone.removePoint")}
            </button>
            <button type="button" class="button" onClick={() => (drawing.points.value = [])}>
              {text("order.noPerimeter")}
            </button>
            <span class="small quiet">{text("zone.points", { count: points.length })}</span>
          </div>
        </div>
      </div>
    </Form>
  );
}
