import type { RuleDefinition, TriggerFired } from "@bellhop/contracts";
import { expect, test } from "vitest";
import { enforce } from "./enforce.ts";
import { compileRule } from "./evaluate.ts";
import { indexRules } from "./index-rules.ts";

const rule = (name: string): RuleDefinition => ({
  ref: `d.${name}`,
  pack: "d",
  name,
  description: "",
  enabled: true,
  type: "standard",
  trigger: { type: "d.happened", parameters: {} },
  criteria: { "trigger.of": { type: "equals", pattern: "us" } },
  action: { ref: "d.go", parameters: {} },
  source: { file: "rules/x.yaml", line: 1, column: 1 },
});
const rules = indexRules(["a", "b"].map((name) => compileRule(rule(name))));
const firedAt = "2026-01-01T00:00:00.000Z";
const fired = (depth?: number): TriggerFired => ({
  v: 1,
  key: "x",
  event: "E1",
  trigger: "d.happened",
  payload: { inline: {} },
  source: { kind: "run" },
  firedAt,
  ...(depth === undefined ? {} : { depth }),
});
const bounds = { depth: 5, runs: 100 };

test.each([
  ["what begins a chain runs all, however many ran in its trace", undefined, 1_000, undefined],
  ["a chain goes on up to its bound", 4, 98, undefined],
  [
    "one that is longer runs nothing",
    5,
    0,
    /^5 events led to one another: this one runs nothing, although d\.a, d\.b would fire\. .*chain\.depth/,
  ],
  [
    "one that spread too far runs nothing",
    1,
    99,
    /^99 runs followed .*: this event runs nothing more, although d\.a, d\.b would fire\. .*chain\.runs/,
  ],
])("%s", (_, depth, before, why) => {
  const { asks, outcome } = enforce({ rules, fired: fired(depth), payload: { of: "us" }, chain: { bounds, before } });
  expect(asks).toHaveLength(why === undefined ? 2 : 0);
  expect(outcome.enforcements.map(({ rule: name, run, failure }) => [name, run === undefined, failure === undefined])).toEqual(
    ["d.a", "d.b"].map((name) => [name, why !== undefined, why === undefined]),
  );
  if (why === undefined) expect(outcome.refused).toBeUndefined();
  else expect(outcome.refused).toMatch(why);
});

test("an event that no rule fits is cut from nothing", () => {
  const { outcome } = enforce({ rules, fired: fired(99), payload: { of: "others" }, chain: { bounds, before: 1_000 } });
  expect(outcome).toMatchObject({ enforcements: [] });
  expect(outcome.refused).toBeUndefined();
});

test("runs that are asked for stand one further down", () => {
  const depths = [undefined, 3].map((depth) => enforce({ rules, fired: fired(depth), payload: { of: "us" } }).asks.map((ask) => ask.depth));
  expect(depths).toEqual([
    [1, 1],
    [4, 4],
  ]);
});
