import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Alert, Camera, Intervention, Me, PatrolStream } from "../../shared/types.ts";
import { asked, begin, looking, lookBackHere, lookBackOnIntervention } from "./looking.ts";
import { EMPTY_ROOM } from "./room.ts";
import { me, room, selection, stage } from "./store.ts";
import { own } from "./wall_store.ts";

const RAISED = Date.parse("2026-11-28T12:00:00Z");
const camera = (id: string): Camera => ({ id, commune_id: "here", disabled_at: null }) as Camera;
const alert = {
  id: "alert",
  commune_id: "here",
  kind: "forbidden-zone",
  camera_id: "one",
  raised_at: "2026-11-28T12:00:04Z",
  event: { opened_at: "2026-11-28T12:00:00Z" },
} as Alert;

beforeEach(() => {
  room.value = {
    ...EMPTY_ROOM,
    cameras: new Map(["one", "two"].map((id) => [id, camera(id)])),
    alerts: new Map([["alert", alert]]),
    streams: new Map([
      ["film", { id: "film", commune_id: "here", intervention_id: "going" } as PatrolStream],
    ]),
    interventions: new Map([
      ["going", { id: "going", alert_id: "alert", kind: "forbidden-zone" } as Intervention],
    ]),
  };
  me.value = {
    communes: [{ id: "here", permissions: ["view-recordings"] }],
  } as unknown as Me;
  stage.value = "map";
  selection.value = null;
  asked.value = null;
  looking.value = null;
});

test("an alert is looked back on from thirty seconds before what it saw", () => {
  selection.value = { kind: "alert", id: "alert" };

  assert.ok(lookBackHere(false));
  assert.deepEqual(asked.value?.sources, [{ kind: "camera", id: "one" }]);
  assert.equal(asked.value?.at, RAISED - 30_000);
  assert.equal(asked.value?.kind, "forbidden-zone");
});

test("an intervention is looked back on by the camera of its alert and what its patrols filmed", () => {
  assert.ok(lookBackOnIntervention("going"));
  assert.deepEqual(asked.value?.sources, [
    { kind: "camera", id: "one" },
    { kind: "stream", id: "film" },
  ]);
});

test("on the wall it is the selected picture, and with Shift all that hang", () => {
  stage.value = "wall";
  const slots = [...own.value.slots];
  slots.splice(0, 2, { kind: "camera", id: "one" }, { kind: "camera", id: "two" });
  own.value = { ...own.value, layout: 4, selected: 1, slots };

  assert.ok(lookBackHere(false));
  assert.deepEqual(asked.value?.sources, [{ kind: "camera", id: "two" }]);
  selection.value = { kind: "alert", id: "alert" };
  assert.ok(lookBackHere(false, true));
  assert.deepEqual(asked.value?.sources, [{ kind: "camera", id: "two" }]);
  selection.value = { kind: "camera", id: "one" };
  assert.ok(lookBackHere(false));
  assert.deepEqual(asked.value?.sources, [{ kind: "camera", id: "one" }]);
  assert.ok(lookBackHere(false, true));
  assert.deepEqual(asked.value?.sources, [{ kind: "camera", id: "two" }]);
  assert.ok(lookBackHere(true));
  assert.equal(asked.value?.sources.length, 2);
});

test("without the right, or with nothing selected, nothing is asked", () => {
  assert.equal(lookBackHere(false), false);
  me.value = { communes: [{ id: "here", permissions: ["view-cameras"] }] } as unknown as Me;
  selection.value = { kind: "camera", id: "one" };

  assert.equal(lookBackHere(false), false);
  assert.equal(asked.value, null);
});

test("the motive is said once, and the stage is the playback", () => {
  selection.value = { kind: "camera", id: "one" };
  lookBackHere(false);
  if (asked.value) begin(asked.value, "Recherche");

  assert.equal(asked.value, null);
  assert.equal(looking.value?.motive, "Recherche");
  assert.equal(stage.value, "playback");
});
