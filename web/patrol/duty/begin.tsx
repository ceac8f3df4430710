/** Taking the shift up: the unit, the PIN, and what is located from then on. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Settings } from "lucide";
import { say, sayProblem } from "../../shared/i18n/index.ts";
import { Problem } from "../../shared/problem.ts";
import { kept, keep } from "../../shared/store.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import type { Id, Unit } from "../../shared/types.ts";
import { AlarmButton } from "../alerts/alarm_button.tsx";
import { askForCompass } from "../device/compass.ts";
import { goTo } from "../intents/navigation.ts";
import { beginShift } from "../intents/shift.ts";
import { duty, fixesWaiting, waiting } from "../state/store.ts";
import { sayWaiting } from "../ui/waiting.ts";
import { words } from "../words/index.ts";

export function Begin(): JSX.Element {
  const me = duty.value.me;
  const units = (me?.units ?? []).filter((unit) => unit.disabled_at === null);
  const chosen = useSignal<Id | null>(kept<Id | null>("patrol.unit", null));
  const fault = useSignal<unknown>(null);
  const busy = useSignal(false);
  const unit = units.find(({ id }) => id === chosen.value) ?? (units.length === 1 ? units[0] : null);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const pin = new FormData(event.currentTarget as HTMLFormElement).get("pin");
    if (!unit || busy.value) return;
    busy.value = true;
    fault.value = null;
    void askForCompass();
    try {
      await beginShift(unit.id, String(pin ?? ""));
      keep("patrol.unit", unit.id);
    } catch (error) {
      fault.value = error;
    } finally {
      busy.value = false;
    }
  };

  return (
    <main class="begin" data-testid="begin">
      <header class="frame-head">
        <h1>{words("shift.title")}</h1>
        <button
          type="button"
          class="button plain icon glove"
          aria-label={words("home.more")}
          data-testid="more"
          onClick={() => goTo({ page: "more" })}
        >
          <Icon node={Settings} size={28} />
        </button>
      </header>
      {me && (
        <p class="quiet">
          {words("shift.hello", { person: me.person.name, commune: me.commune.name })}
        </p>
      )}
      <Stopped />
      <form class="form" onSubmit={(event) => void submit(event)}>
        <fieldset class="units">
          <legend>{words("shift.unit")}</legend>
          {units.length === 0 && <p class="quiet">{words("shift.noUnits")}</p>}
          {units.map((one) => (
            <UnitChoice key={one.id} unit={one} isChosen={one === unit} onChoose={() => (chosen.value = one.id)} />
          ))}
        </fieldset>
        <label class="field">
          <span class="label">{words("shift.pin")}</span>
          <input
            class="input glove"
            name="pin"
            type="password"
            inputMode="numeric"
            autoComplete="off"
            pattern="[0-9]{4,8}"
            minLength={4}
            maxLength={8}
            required
            data-testid="shift-pin"
          />
        </label>
        <BeginFault error={fault.value} />
        <button
          type="submit"
          class="button primary glove"
          disabled={!unit || busy.value}
          data-testid="begin-shift"
        >
          {words("shift.begin")}
        </button>
        <p class="quiet small">{words("shift.located")}</p>
      </form>
      <div class="begin-alarm">
        <AlarmButton />
      </div>
    </main>
  );
}

function UnitChoice(props: { unit: Unit; isChosen: boolean; onChoose: () => void }): JSX.Element {
  const { unit, isChosen, onChoose } = props;
  return (
    <label class="unit-choice" data-testid={`unit-${unit.call_sign}`}>
      <input type="radio" name="unit" value={unit.id} checked={isChosen} onChange={onChoose} />
      <strong>{unit.call_sign}</strong>
      <span class="quiet">{say(`unitKind.${unit.kind}`)}</span>
    </label>
  );
}

function BeginFault({ error }: { error: unknown }): JSX.Element | null {
  if (!error) return null;
  const problem = Problem.of(error);
  const text =
    problem.code === "wrong-pin"
      ? words("shift.wrongPin")
      : problem.isPassing && problem.status !== 429
        ? `${sayProblem(problem).title}. ${words("shift.needsNetwork")}`
        : sayProblem(problem).title;
  return (
    <p class="fault" role="alert" data-testid="shift-fault">
      {text}
    </p>
  );
}

/** After a shift: the position is stopped, and this is what the phone still has to send. */
function Stopped(): JSX.Element {
  const left = sayWaiting(waiting.value.length, fixesWaiting.value);
  return (
    <p class="stopped" data-testid="stopped">
      <span>{words("shift.stopped")}</span>{" "}
      <span data-testid="waiting-count" data-count={waiting.value.length}>
        {left ? words("more.endWaiting", { waiting: left }) : words("shift.allSent")}
      </span>
    </p>
  );
}
