import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../problem.ts";
import { DISMISSALS, EVENT_KINDS, ROLES, SERVICES, THREATS, UNIT_KINDS } from "../types.ts";
import { sayDetail } from "./details.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";
import { sayProblem, setLocale } from "./index.ts";
import { fill, sayNumber } from "./locale.ts";

const blanks = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages fill the same blanks", () => {
  for (const [key, sentence] of Object.entries(fr)) {
    assert.deepEqual(blanks(en[key as keyof typeof fr]), blanks(sentence), key);
  }
});

test("every kind, reason and role has its word", () => {
  for (const kind of EVENT_KINDS) assert.ok(`kind.${kind}` in fr);
  for (const reason of DISMISSALS) assert.ok(`dismissal.${reason}` in fr);
  for (const threat of THREATS) assert.ok(`threat.${threat}` in fr);
  for (const service of SERVICES) assert.ok(`service.${service}` in fr);
  for (const kind of UNIT_KINDS) assert.ok(`unitKind.${kind}` in fr);
  for (const role of ROLES) assert.ok(`role.${role}` in fr);
});

test("a blank that is not given stays visible instead of vanishing", () => {
  assert.equal(fill("{a} et {b}", { a: 1 }), "1 et {b}");
});

test("a word goes with its number as the language has it", () => {
  const sentence = "{count} {count|image|images}";
  const said = (count: number): string => fill(sentence, { count });

  setLocale("fr");
  assert.deepEqual([said(0), said(1), said(2)], ["0 image", "1 image", "2 images"]);
  setLocale("en");
  assert.deepEqual([said(0), said(1), said(2)], ["0 images", "1 image", "2 images"]);
});

test("a number has the decimals and the sign of the page's language", () => {
  setLocale("fr");
  assert.equal(sayNumber(1.25, 1), "1,3");
  setLocale("en");
  assert.equal(sayNumber(12.04, 1), "12.0");
  assert.equal(sayNumber(7.6), "8");
});

test("a code of the server is said in words, in both languages", () => {
  setLocale("en");
  assert.equal(sayDetail("timed-out"), "does not answer any more");
  assert.equal(sayDetail("a sentence"), "a sentence");
  setLocale("fr");
  assert.equal(sayDetail("timed-out"), "ne répond plus");
});

test("a problem is said by its code in the page's language, else by the server's title", () => {
  const known = new Problem({ type: "/problems/alert-already-decided", title: "x", status: 409 });
  const other = new Problem({ type: "/problems/never-heard-of", title: "As sent", status: 422 });

  setLocale("fr");
  assert.equal(sayProblem(known).title, "Cette alerte a déjà été traitée");
  setLocale("en");
  assert.equal(sayProblem(known).title, "This alert has already been decided");
  assert.equal(sayProblem(other).title, "As sent");
});

test("an invalid form names its fields", () => {
  const errors = [{ where: "/name", what: "missing" }];
  const problem = new Problem({ type: "/problems/invalid", title: "", status: 422, errors });

  assert.equal(sayProblem(problem).detail, "name : missing");
});

test("an invalid form is said in French without paths or English", () => {
  const errors = [{ where: "/commune/centre/coordinates/1", what: "Input should be a valid number" }];
  const problem = new Problem({ type: "/problems/invalid", title: "", status: 422, errors });

  setLocale("fr");
  assert.equal(sayProblem(problem).detail, "latitude : un nombre est attendu");
  setLocale("en");
});
