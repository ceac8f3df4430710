import assert from "node:assert/strict";
import { test } from "node:test";
import { whyRests } from "./resting.ts";

test("a rule of a suspended kind rests for that, and not for want of an act", () => {
  const suspended = [{ kind: "forbidden-zone" }] as const;

  assert.equal(whyRests({ kind: "forbidden-zone", rests: "no-act" }, suspended), "suspended");
  assert.equal(whyRests({ kind: "line-crossing", rests: "no-act" }, suspended), "no-act");
  assert.equal(whyRests({ kind: "forbidden-zone", rests: "off" }, suspended), "off");
  assert.equal(whyRests({ kind: "forbidden-zone", rests: null }, suspended), null);
});
