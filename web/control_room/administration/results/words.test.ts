import assert from "node:assert/strict";
import { test } from "node:test";
import { setLocale } from "../../../shared/i18n/index.ts";
import { atLeast, number, shown } from "./numbers.ts";
import { words } from "./words.ts";

const counted = (count: number, days: number, perDay: number): string =>
  words("counted", {
    count,
    days: number(days, 1),
    of: shown(days, 1),
    per_day: number(perDay, 2),
    allowed: perDay,
  });
const limit = (per_day: number): string => words("limit", { limit: number(per_day, 2), of: per_day });

test("why a kind is suspended is said in the singular and in the plural", () => {
  setLocale("fr");
  assert.equal(counted(1, 1.04, 1), "1 fausse alerte en 1 jour, 1 par jour admise");
  assert.equal(counted(3, 1.5, 2), "3 fausses alertes en 1,5 jour, 2 par jour admises");
  assert.match(limit(1), /^Plus de 1 fausse alerte par jour surveillé suspend un type/);
  assert.match(limit(2), /^Plus de 2 fausses alertes par jour surveillé suspendent un type/);
  setLocale("en");
  assert.equal(counted(1, 1, 1), "1 false alert in 1 day, where 1 a day is allowed");
  assert.equal(counted(3, 1.5, 0.5), "3 false alerts in 1.5 days, where 0.5 a day are allowed");
  assert.match(limit(1), /^More than 1 false alert a day watched suspends a kind/);
});

test("a camera that was watched for some minutes was not watched for no time", () => {
  setLocale("fr");
  const said = [0, 0.01, 0.05, 2.04].map((days) => atLeast(days, 1));
  assert.deepEqual(said, ["0", "< 0,1", "0,1", "2"]);
  setLocale("en");
});
