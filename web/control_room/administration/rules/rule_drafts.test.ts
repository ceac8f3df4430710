import assert from "node:assert/strict";
import { test } from "node:test";
import type { RuleType } from "../../../shared/types.ts";
import type { Authorisation } from "../collection.ts";
import { nameOf } from "./kind_words.ts";
import { blank, faultIn, offered, stepOf, withThreshold } from "./rule_drafts.ts";
import { words } from "./words.ts";

const type = (given: Partial<RuleType>): RuleType => ({
  kind: "forbidden-zone",
  legal_list: "decree-2023-828",
  service: "police",
  shape: "zone",
  subjects: [],
  thresholds: [{ name: "confidence", unit: "1", default: 0.35, least: 0.15, most: 0.95 }],
  evidence: "",
  limits: "",
  is_experimental: false,
  labels: [],
  needs_reference: false,
  unavailable: null,
  ...given,
});
const line = type({ kind: "line-crossing", shape: "line" });
const oneWay = type({ kind: "wrong-way", shape: "directed-zone" });
const given = { id: "r", name: "R", preset: null };

test("a new rule has the shape of its kind, and is not finished", () => {
  assert.equal(blank(line, given).counts, "any");
  assert.equal(blank(oneWay, given).bearing, 0);
  assert.equal(blank(type({}), given).bearing, null);
  assert.equal(faultIn(blank(line, given))?.what, "too-few-points");
});

test("kinds that an act in force lets be looked for on the camera come first", () => {
  const act = (given: Partial<Authorisation>): Authorisation =>
    ({ in_force: true, camera_ids: ["c"], kinds: ["wrong-way"], ends_at: "2026-12-01", ...given }) as
      Authorisation;
  const acts = [act({}), act({ ends_at: "2027-01-01" }), act({ kinds: ["forbidden-zone"], in_force: false })];
  const found = offered([type({}), line, oneWay], acts, "c");
  assert.deepEqual(found.map((one) => [one.type.kind, one.until]), [
    ["wrong-way", "2027-01-01"],
    ["forbidden-zone", null],
    ["line-crossing", null],
  ]);
  assert.equal(offered([oneWay], acts, "another")[0]?.until, null);
});

test("a number that is the default is not kept as a choice", () => {
  const rule = withThreshold(blank(type({}), given), type({}), "confidence", 0.5);
  assert.deepEqual(rule.thresholds, { confidence: 0.5 });
  assert.deepEqual(withThreshold(rule, type({}), "confidence", 0.35).thresholds, {});
});

test("a kind is unavailable when the server says so, not when it needs a model", () => {
  const weapon = type({ kind: "weapon", labels: ["weapon"] });
  assert.ok(!nameOf(weapon).includes(words("unavailable")));
  assert.ok(nameOf({ ...weapon, unavailable: "no model" }).includes(words("unavailable")));
});

test("a number field takes the default, and what was set by other means", () => {
  const margin = { name: "margin", unit: "heights", default: 0.1, least: 0.02, most: 1 };
  assert.equal(stepOf(margin, 0.1), 0.01);
  assert.equal(stepOf(margin, 0.125), 0.001);
  assert.equal(stepOf({ ...margin, default: 45, least: 10, most: 80 }, 45), 1);
});
