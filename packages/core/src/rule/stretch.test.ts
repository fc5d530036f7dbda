import type { RuleDefinition, TriggerFired } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { enforceSteps } from "./enforce.ts";
import { compileRule } from "./evaluate.ts";
import { indexRules } from "./index-rules.ts";

const many = 2_000;
const rule = (index: number): RuleDefinition => ({
  ref: `d.r${index}`,
  pack: "d",
  name: `r${index}`,
  description: "",
  enabled: true,
  type: "standard",
  trigger: { type: "d.happened", parameters: {} },
  criteria: { "trigger.n": { type: "gt", pattern: 0 } },
  action: { ref: "d.go", parameters: { n: "{{ trigger.n }}" } },
  source: { file: "rules/x.yaml", line: 1, column: 1 },
});
const fired: TriggerFired = {
  v: 1,
  key: "x",
  event: "E1",
  trigger: "d.happened",
  payload: { inline: {} },
  source: { kind: "webhook" },
  firedAt: "2026-01-01T00:00:00.000Z",
};

test("thousands of rules that all fire on one event are gone through one by one: others may work after each", () => {
  let looks = 0;
  const payload = {
    get n() {
      looks += 1;
      return 5;
    },
  };
  const rules = indexRules(Array.from({ length: many }, (_, index) => compileRule(rule(index))));
  const steps = enforceSteps({ rules, fired, payload });
  let most = 0;
  let stretches = 0;
  for (;;) {
    const before = looks;
    const step = steps.next();
    most = Math.max(most, looks - before);
    stretches += 1;
    if (step.done !== true) continue;
    expect(step.value.asks).toHaveLength(many);
    break;
  }
  // Once for the criterion, once for what its action is given.
  expect(looks).toBeGreaterThanOrEqual(2 * many);
  expect(stretches).toBeGreaterThan(2 * many);
  expect(most).toBeLessThan(10);
});
