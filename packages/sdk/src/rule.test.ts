import { expect, test } from "vitest";
import { defineAction } from "./action.ts";
import { defineRule, isRule, type Criteria } from "./rule.ts";
import { z } from "zod";

const pull = defineAction({
  description: "Pull a branch",
  input: { ref: z.string(), depth: z.int().default(1), force: z.boolean().optional() },
  run: () => null,
});

test("a rule is data, and known as one", () => {
  const rule = defineRule({
    trigger: "core.st2.webhook",
    parameters: { url: "github" },
    criteria: {
      "trigger.body.ref": { type: "equals", pattern: "refs/heads/main" },
      "trigger.headers['X-Event']": { type: "exists" },
      "trigger.body.commits": { type: "search", condition: "any", pattern: { "item.author": { type: "ieq", pattern: "ana" } } },
      any: [{ "trigger.body.size": { type: "gt", pattern: 5 } }, { not: { "trigger.body.forced": { type: "exists" } } }],
    },
    action: pull,
    input: { ref: "{{ trigger.body.ref }}", depth: "{{ trigger.body.depth }}", force: true },
    backstop: true,
    tags: { team: "ops" },
  });
  expect(isRule(rule)).toBe(true);
  expect(isRule(pull)).toBe(false);
  expect(rule.spec).toMatchObject({ trigger: "core.st2.webhook", action: pull, backstop: true });
});

test("what can't work does not compile", () => {
  const trigger = "deploy.push";
  defineRule({ trigger, action: pull, input: { ref: "main", depth: 2 } });
  defineRule({ trigger, parameters: { anything: 1 }, action: "other.action", input: { anything: [1] } });
  // @ts-expect-error the action has no such input
  defineRule({ trigger, action: pull, input: { reff: "main" } });
  // @ts-expect-error it is a number, or a template
  defineRule({ trigger, action: pull, input: { depth: "two" } });
  // @ts-expect-error a webhook has a url
  defineRule({ trigger: "core.st2.webhook", action: pull });
  // @ts-expect-error a timer knows no years
  defineRule({ trigger: "core.st2.IntervalTimer", parameters: { unit: "years", delta: 1 }, action: pull });
  const criteria = (one: Criteria) => defineRule({ trigger, action: pull, criteria: one });
  // @ts-expect-error keys begin with trigger
  criteria({ "triger.body": { type: "exists" } });
  // @ts-expect-error there is no such operator
  criteria({ "trigger.body": { type: "equls", pattern: 1 } });
  // @ts-expect-error it is held against something
  criteria({ "trigger.body": { type: "equals" } });
  // @ts-expect-error within a search keys begin with item
  criteria({ "trigger.a": { type: "search", condition: "any", pattern: { "trigger.x": { type: "exists" } } } });
  expect(criteria({}).spec.criteria).toEqual({});
});
