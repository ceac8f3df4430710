import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert, Camera, Fact, Health, LiveMessage, Snapshot, UnitLive } from "../../shared/types.ts";
import { noteOf } from "./noteworthy.ts";
import { closedOf, isLate, neighbour, queueOf, underKeys } from "./queue.ts";
import { EMPTY_ROOM, reduce, type Room } from "./room.ts";

const AT = "2026-11-21T21:00:00.000Z";

function alertOf(id: string, rest: Partial<Alert> = {}): Alert {
  return {
    id,
    commune_id: "c",
    kind: "forbidden-zone",
    origin: "detector",
    state: "raised",
    point: null,
    place: "",
    note: "",
    service: "police",
    camera_id: null,
    event: null,
    still: false,
    raised_at: AT,
    raised_by: null,
    handled_by: null,
    confirmed_at: null,
    confirmed_by: null,
    dismissed_at: null,
    dismissed_by: null,
    dismissal: null,
  sensor_id: null,
  dismissal_note: "",
    sent_at: null,
    sent_by: null,
    recipients: [],
    acknowledged_at: null,
    acknowledged_by: null,
    resolved_at: null,
    intervention_id: null,
    ...rest,
  };
}

function unitOf(rest: Partial<UnitLive> = {}): UnitLive {
  return {
    id: "u",
    commune_id: "c",
    call_sign: "PM 12",
    kind: "police-municipale",
    armed: true,
    state: "free",
    shift: { id: "s", person_name: "A", device_id: "d", started_at: AT, break_since: null },
    position: null,
    intervention_id: null,
    ...rest,
  };
}

const position = (fixed_at: string, lon = 1): NonNullable<UnitLive["position"]> => ({
  point: { type: "Point", coordinates: [lon, 2] },
  accuracy_m: 5,
  heading_deg: null,
  speed_mps: null,
  fixed_at,
});

const fact = (kind: string, rest: Partial<Fact>): Fact => ({
  type: "fact",
  seq: 1,
  at: AT,
  commune_id: "c",
  kind,
  ...rest,
});

const snapshot = (rest: Partial<Snapshot> = {}): Snapshot => ({
  type: "snapshot",
  seq: 1,
  now: AT,
  me: {} as Snapshot["me"],
  cameras: [],
  alerts: [],
  interventions: [],
  units: [],
  streams: [],
  guidance: [],
  walls: [],
  ...rest,
});

const after = (...messages: Parameters<typeof reduce>[1][]): Room =>
  messages.reduce(reduce, EMPTY_ROOM);

test("a snapshot replaces what was known, also what has gone", () => {
  const room = after(snapshot({ alerts: [alertOf("a"), alertOf("b")] }), snapshot({ alerts: [alertOf("b")] }));

  assert.deepEqual([...room.alerts.keys()], ["b"]);
  assert.equal(room.known, true);
});

test("a fact heard twice changes nothing more", () => {
  const heard = fact("alert-raised", { alert: alertOf("a") });

  assert.deepEqual(after(snapshot(), heard), after(snapshot(), heard, heard));
});

test("a fact leaves the other maps the very same, so that their views stay quiet", () => {
  const before = after(snapshot({ units: [unitOf()] }));
  const next = reduce(before, fact("alert-raised", { alert: alertOf("a") }));

  assert.equal(next.units, before.units);
  assert.notEqual(next.alerts, before.alerts);
});

test("an older position does not move a unit back", () => {
  const room = after(
    snapshot({ units: [unitOf({ position: position("2026-11-21T21:00:10Z", 5) })] }),
    { type: "position", unit_id: "u", position: position("2026-11-21T21:00:05Z", 4) },
  );

  assert.equal(room.units.get("u")?.position?.point.coordinates[0], 5);
});

test("a unit's fact with an older fix keeps the position that came before it", () => {
  const room = after(
    snapshot({ units: [unitOf()] }),
    { type: "position", unit_id: "u", position: position("2026-11-21T21:00:10Z", 5) },
    fact("unit-changed", { unit: unitOf({ state: "en-route" }) }),
  );

  assert.equal(room.units.get("u")?.state, "en-route");
  assert.equal(room.units.get("u")?.position?.point.coordinates[0], 5);
});

test("a unit that goes off duty or on a break loses its position at once", () => {
  const room = after(
    snapshot({ units: [unitOf({ position: position("2026-11-21T21:00:10Z") })] }),
    fact("unit-changed", { unit: unitOf({ state: "off-duty", shift: null }) }),
  );

  assert.equal(room.units.get("u")?.position, null);
});

test("a position of a unit that is not known here is left alone", () => {
  const room = after(snapshot(), { type: "position", unit_id: "x", position: position(AT) });

  assert.equal(room.units.size, 0);
});

test("a message that this page does not know changes nothing", () => {
  const room = after(snapshot());

  assert.equal(reduce(room, { type: "never-heard-of" } as never), room);
});

test("the queue has panic above all, then what nobody decided, the newest first", () => {
  const queue = queueOf([
    alertOf("old", { raised_at: "2026-11-21T20:00:00Z" }),
    alertOf("sent", { state: "sent" }),
    alertOf("new"),
    alertOf("panic", { kind: "panic", raised_at: "2026-11-21T19:00:00Z" }),
    alertOf("gone", { state: "dismissed" }),
    alertOf("going", { state: "acknowledged" }),
    alertOf("confirmed", { state: "confirmed" }),
  ]);

  assert.deepEqual(
    queue.map(({ id }) => id),
    ["panic", "new", "old", "confirmed", "sent", "going"],
  );
});

test("walking the queue stops at its ends and starts at the first", () => {
  const queue = [alertOf("a"), alertOf("b")];

  assert.equal(neighbour(queue, null, 1)?.id, "a");
  assert.equal(neighbour(queue, "b", 1)?.id, "b");
  assert.equal(neighbour(queue, "a", -1)?.id, "a");
  assert.equal(neighbour([], "a", 1), null);
});

test("a sent alert gives the keys to one that waits, an alert being decided does not", () => {
  const queue = [alertOf("new"), alertOf("mine", { state: "confirmed" }), alertOf("sent", { state: "sent" })];

  assert.equal(underKeys(queue, "sent", false), "new");
  assert.equal(underKeys(queue, "sent", true), "sent");
  assert.equal(underKeys(queue, "mine", false), "mine");
  assert.equal(underKeys(queue, "gone", false), "new");
  assert.equal(underKeys([], "gone", false), null);
  assert.equal(underKeys([alertOf("p", { kind: "panic" }), ...queue], "new", false), "p");
  assert.equal(underKeys([alertOf("p", { kind: "panic" }), ...queue], "new", true), "new");
});

test("what was closed last comes first among the closed", () => {
  const closed = closedOf([
    alertOf("a", { state: "dismissed", dismissed_at: "2026-11-21T21:01:00Z" }),
    alertOf("b", { state: "resolved", resolved_at: "2026-11-21T21:02:00Z" }),
    alertOf("c"),
  ]);

  assert.deepEqual(closed.map(({ id }) => id), ["b", "a"]);
});

test("an alert is late when it waits for an answer, not when somebody goes", () => {
  const later = Date.parse(AT) + 61_000;

  assert.equal(isLate(alertOf("a"), later), true);
  assert.equal(isLate(alertOf("a"), later - 2_000), false);
  assert.equal(isLate(alertOf("a", { state: "acknowledged", sent_at: AT }), later), false);
});

test("a new alert is noted once, and one's own by hand not at all", () => {
  const before = after(snapshot());
  const raised = fact("alert-raised", { alert: alertOf("a") });
  const mine = fact("alert-raised", { alert: alertOf("m", { raised_by: { id: "me", name: "" } }) });

  assert.deepEqual(noteOf(before, raised, "me"), { what: "alert", id: "a" });
  assert.equal(noteOf(reduce(before, raised), raised, "me"), null);
  assert.equal(noteOf(before, mine, "me"), null);
});

test("a panic alarm is noted as such, and who accepts it as well", () => {
  const panic = alertOf("p", { kind: "panic", origin: "device" });
  const before = after(snapshot({ alerts: [panic] }));
  const accepted = { ...panic, acknowledged_by: { unit_id: "u", call_sign: "PM 12" } };

  assert.equal(noteOf(after(snapshot()), fact("alert-raised", { alert: panic }), null)?.what, "panic");
  assert.deepEqual(noteOf(before, fact("alert-acknowledged", { alert: accepted }), null), {
    what: "accepted",
    id: "p",
    unitId: "u",
  });
});

test("a camera that goes down is noted, one whose name changes is not", () => {
  const detection = { suspended: [] } as Partial<Camera["detection"]>;
  const up = { id: "k", state: { up: true }, disabled_at: null, detection } as Camera;
  const down = { ...up, state: { up: false } } as Camera;
  const before = after(snapshot({ cameras: [up] }));

  assert.equal(noteOf(before, fact("camera-went-down", { camera: down }), null)?.what, "camera-down");
  assert.equal(noteOf(before, fact("camera-changed", { camera: up }), null), null);
});

test("a kind that is suspended is noted once, and not when it is lifted", () => {
  const with_ = (...ids: string[]): Camera =>
    ({
      id: "k",
      state: null,
      disabled_at: null,
      detection: { suspended: ids.map((id) => ({ id, kind: "forbidden-zone" })) },
    }) as unknown as Camera;
  const before = after(snapshot({ cameras: [with_("old")] }));
  const told = (camera: Camera): LiveMessage => fact("detection-suspended", { camera });

  const note = { what: "suspended", id: "k", kind: "forbidden-zone" };
  assert.deepEqual(noteOf(before, told(with_("old", "new")), null), note);
  assert.equal(noteOf(before, told(with_("old")), null), null);
  assert.equal(noteOf(before, told(with_()), null), null);
});

test("cameras that freeze together are one note, and none for those that were known", () => {
  const told = (...ids: string[]): LiveMessage => ({
    type: "health",
    health: {
      cameras_impaired: ids.map((id) => ({ id, number: 1, name: "", what: "frozen", since: AT })),
    } as Partial<Health> as Health,
  });
  const before = after(snapshot());
  const known = reduce(before, told("a"));

  assert.equal(noteOf(before, told("a"), null), null); // as the page was opened
  assert.equal(noteOf(known, told("a"), null), null);
  assert.deepEqual(noteOf(known, told("a", "b", "c"), null), {
    what: "impaired",
    of: "frozen",
    ids: ["b", "c"],
  });
  assert.equal(noteOf(known, told(), null), null);
});

test("nothing is noted before the first snapshot: all of it would be new", () => {
  assert.equal(noteOf(EMPTY_ROOM, fact("alert-raised", { alert: alertOf("a") }), null), null);
});
