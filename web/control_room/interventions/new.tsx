/** Opening an intervention that no alert announced: a call, a word on the radio. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Plus } from "lucide";
import { say } from "../../shared/i18n/index.ts";
import { EVENT_KINDS, type EventKind } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { openIntervention } from "../intents/interventions.ts";
import { findPlaces, type Place } from "../intents/places.ts";
import { communesWith } from "../state/store.ts";
import { Choice, Dialog, Field, Form, textOf } from "../ui.tsx";
import { words } from "../words/index.ts";
import { opening } from "./opening.ts";

export function NewIntervention(): JSX.Element {
  return (
    <>
      <button
        type="button"
        class="button"
        data-testid="new-intervention"
        onClick={() => (opening.value = true)}
      >
        <Icon node={Plus} /> {words("board.new")} <kbd>N</kbd>
      </button>
      {opening.value && <NewDialog onClose={() => (opening.value = false)} />}
    </>
  );
}

function NewDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [id] = useState(() => crypto.randomUUID());
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const communes = communesWith("manage-interventions");
  const look = (text: string): void => {
    if (text.trim().length < 3) return;
    findPlaces(text.trim()).then(
      // A street is found once for each of its pieces; in this list only names tell them apart.
      (found) => setPlaces([...new Map(found.toReversed().map((one) => [one.name, one])).values()].toReversed()),
      () => setPlaces([]),
    );
  };
  return (
    <Dialog title={words("board.new")} onClose={onClose}>
      <Form
        testid="intervention-form"
        submit={words("board.open")}
        onCancel={onClose}
        onSubmit={async (form) => {
          const place = textOf(form, "place");
          const known = places.find(({ name }) => name === place);
          await openIntervention({
            id,
            commune_id: textOf(form, "commune"),
            kind: textOf(form, "kind") as EventKind,
            place,
            ...(known ? { point: known.point } : {}),
          });
          onClose();
        }}
      >
        <Choice
          label={words("raise.kind")}
          name="kind"
          options={EVENT_KINDS.map((kind) => [kind, say(`kind.${kind}`)] as const)}
          value="nuisance"
        />
        <Field
          label={words("place.address")}
          name="place"
          list="intervention-places"
          autocomplete="off"
          required
          maxLength={200}
          onInput={look}
        />
        <datalist id="intervention-places">
          {places.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        {communes.length > 1 ? (
          <Choice
            label={words("commune.title")}
            name="commune"
            options={communes.map((one) => [one.id, one.name] as const)}
          />
        ) : (
          <input type="hidden" name="commune" value={communes[0]?.id ?? ""} />
        )}
      </Form>
    </Dialog>
  );
}
