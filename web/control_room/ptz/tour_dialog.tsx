/** Which presets a camera goes to in turn, and how long it stays at each. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import type { Camera } from "../../shared/types.ts";
import { Dialog, Form, numberOf } from "../ui.tsx";
import type { Head } from "./steering.ts";
import { keepTour, type OwnTour } from "./tour.tsx";
import { words } from "./words.ts";

const DWELL_S = 20;

export function TourDialog(props: {
  camera: Camera;
  presets: Head["presets"];
  tour: OwnTour;
  onKept: (tour: OwnTour) => void;
  onClose: () => void;
}): JSX.Element {
  const { camera, tour, onClose } = props;
  // In the tour's order, then those that are not in it.
  const gone = tour.stops.filter(({ preset }) => !props.presets.some(({ token }) => token === preset));
  const named = new Map([
    ...tour.stops.map(({ preset, name }) => [preset, name] as const),
    ...props.presets.map(({ token, name }) => [token, name] as const),
  ]);
  const [order, setOrder] = useState([...named.keys()]);
  const [chosen, setChosen] = useState(new Set(tour.stops.map(({ preset }) => preset)));
  const up = (token: string): void => {
    const at = order.indexOf(token);
    if (at < 1) return;
    setOrder([...order.slice(0, at - 1), token, order[at - 1] as string, ...order.slice(at + 1)]);
  };
  const choose = (token: string, isIn: boolean): void => {
    const next = new Set(chosen);
    if (isIn) next.add(token);
    else next.delete(token);
    setChosen(next);
  };
  const submit = async (form: FormData): Promise<void> => {
    const stops = order
      .filter((token) => chosen.has(token))
      .map((token) => ({
        preset: token,
        name: named.get(token) ?? token,
        dwell_s: numberOf(form, `dwell-${token}`),
      }));
    props.onKept(await keepTour(camera.id, stops));
    onClose();
  };
  return (
    <Dialog title={words("ownTitle", { name: camera.name })} onClose={onClose} testid="tour">
      <Form testid="tour-form" submit={say("act.save")} onCancel={onClose} onSubmit={submit}>
        <p class="small quiet">{words("ownHow")}</p>
        <ol class="tour-stops">
          {order.map((token) => {
            const name = named.get(token) ?? token;
            const stop = tour.stops.find(({ preset }) => preset === token);
            return (
              <li key={token}>
                <label class="check">
                  <input
                    type="checkbox"
                    checked={chosen.has(token)}
                    onChange={(event) => choose(token, event.currentTarget.checked)}
                  />
                  {name}
                  {gone.some(({ preset }) => preset === token) && (
                    <span class="tag warn">{words("ownGone")}</span>
                  )}
                </label>
                <input
                  class="input"
                  type="number"
                  name={`dwell-${token}`}
                  min={5}
                  max={1800}
                  required={chosen.has(token)}
                  disabled={!chosen.has(token)}
                  defaultValue={stop?.dwell_s ?? DWELL_S}
                  aria-label={words("ownDwell", { name })}
                />
                <button
                  type="button"
                  class="button plain"
                  aria-label={words("ownUp", { name })}
                  onClick={() => up(token)}
                >
                  ↑
                </button>
              </li>
            );
          })}
        </ol>
      </Form>
    </Dialog>
  );
}
