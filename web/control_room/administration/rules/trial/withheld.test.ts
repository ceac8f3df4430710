import assert from "node:assert/strict";
import { test } from "node:test";
import { setLocale } from "../../../../shared/i18n/index.ts";
import { sayTrouble, whyWithheld } from "./withheld.ts";

test("what is left out of a trial is said with its reason, however the trial ended", () => {
  setLocale("fr");
  for (const state of ["running", "done", "cancelled"] as const) {
    assert.match(whyWithheld({ state, problem: "not-authorised" }), /Aucune autorisation/);
    assert.equal(whyWithheld({ state, problem: "" }), "");
  }
});

test("a trial that failed has said why by its state", () => {
  assert.equal(whyWithheld({ state: "failed", problem: "took-too-long" }), "");
  assert.match(sayTrouble({ problem: "took-too-long" }), /duré trop longtemps/);
});
