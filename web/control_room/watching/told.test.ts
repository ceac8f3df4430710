import assert from "node:assert/strict";
import { test } from "node:test";
import type { Camera, Health, Rests, RuleNow } from "../../shared/types.ts";
import { tellOf } from "./told.ts";

const camera = (rest: Partial<Camera> = {}): Camera =>
  ({ id: "k", lawful: { ok: true, reason: null }, state: { up: true, since: "" }, ...rest }) as Camera;

const rule = (name: string, rests: Rests | null, camera_id = "k"): RuleNow => ({
  to_mend: rests === "no-reference",
  id: name,
  camera_id,
  kind: "forbidden-zone",
  name,
  rests,
});

const running = (up: boolean): Pick<Health, "processes"> => ({
  processes: [{ role: "detect", holder: "d", up, seen_at: "", clock_offset_ms: null }],
});

test("what is watched is told apart from what rests, which is told by its reason", () => {
  const others = rule("ailleurs", null, "other");
  const rules = [rule("quai", null), rule("foule", "suspended"), rule("nuit", "off-hours"), others, rule("soir", "off-hours"), rule("bac", "no-reference")];
  const { watched, resting, none } = tellOf(camera(), rules, running(true));

  assert.deepEqual(watched.map(({ name }) => name), ["quai"]);
  assert.deepEqual(
    resting.map(({ why, toMend, rules: those }) => [why, toMend, those.map(({ name }) => name)]),
    [["no-reference", true, ["bac"]], ["off-hours", false, ["nuit", "soir"]]],
  );
  assert.equal(none, null);
});

test("nothing is called watched while nobody looks, and it is told why", () => {
  const rules = [rule("quai", null), rule("bac", "no-reference")];
  const down = camera({ state: { up: false } as Camera["state"] });
  const nobody: Pick<Health, "processes"> = { processes: [] };
  const unlawful = camera({ lawful: { ok: false, reason: "" } });
  for (const [one, health, why] of [
    [down, running(true), "down"],
    [camera({ state: null }), null, "down"],
    [unlawful, running(true), "unlawful"],
    [camera(), running(false), "detection"],
    [camera(), nobody, "detection"],
  ] as const) {
    const told = tellOf(one, rules, health);

    assert.deepEqual([told.none, told.watched], [why, []]);
    assert.equal(told.resting.length, 1);
  }
  assert.equal(tellOf(camera(), [], running(true)).none, "rules");
  assert.equal(tellOf(camera(), [rule("bac", "no-reference")], running(true)).none, "rest");
});
