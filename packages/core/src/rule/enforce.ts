import { eventKey, runId, shardOfKey, type Enforcement, type EventOutcome, type RunAsked, type TriggerFired } from "@bellhop/contracts";
import { DateTime, renderValues } from "@bellhop/expression";
import type { CriterionFailure } from "./criteria.ts";
import type { CompiledRule } from "./evaluate.ts";
import type { RuleIndex } from "./index-rules.ts";
import { jinja } from "./pattern.ts";

/** What an event leads to: the record of it, and an ask for each rule that fires. */
export interface Enforced {
  outcome: EventOutcome;
  asks: Extract<RunAsked, { kind: "start" }>[];
}

/** Chains of events that lead to one another are cut after so many. */
export const longestChain = 16;

/** Decides what becomes of an event. The same event gives the same runs, whoever decides and how often.
 *  @param at.payload what the event says, loaded where it travelled by reference
 *  @param at.names what else templates may name: `st2kv` */
export function enforce(at: {
  rules: RuleIndex;
  fired: TriggerFired;
  payload: unknown;
  names?: Readonly<Record<string, unknown>>;
}): Enforced {
  const { rules, fired, payload, names = {} } = at;
  const { v: _, key: _key, event: _event, trace: _trace, ...about } = fired;
  if ((fired.depth ?? 0) >= longestChain) {
    return { outcome: { ...about, enforcements: [], refused: `${longestChain} events led to one another: the chain ends here` }, asks: [] };
  }
  // The clock of the moment it was fired: whoever decides later decides the same.
  const now = new DateTime(BigInt(Date.parse(fired.firedAt)) * 1000n, 0);
  const evaluation = rules.evaluate(fired.trigger, { payload, now, names, render: jinja }, fired.parameters);
  const variables = { ...names, trigger: payload };
  const made = evaluation.fired.map((rule) => enforceOne(rule, { fired, variables }));
  const failed = evaluation.failures.map(({ rule, failure }) => failedOf(rule, failure));
  const enforcements = [...made.map(({ enforcement }) => enforcement), ...failed];
  const listed = withinBytes(enforcements);
  const unlisted = enforcements.length - listed.length;
  return {
    outcome: { ...about, enforcements: listed, ...(unlisted === 0 ? {} : { unlisted }) },
    asks: made.flatMap(({ ask }) => (ask === undefined ? [] : [ask])),
  };
}

/** What of its rules an event's record has room for, in characters of JSON, and how many of them may say what failed. */
const listedAtMost = 12_000;
const longestFailure = 500;

function withinBytes(enforcements: readonly Enforcement[]): Enforcement[] {
  let left = listedAtMost;
  return enforcements.filter((one) => (left -= JSON.stringify(one).length) >= 0);
}

/** Who asks for the runs of rules. Nothing that people say comes in this name. */
export const rulePlatform = "rule";

function enforceOne(
  { definition }: CompiledRule,
  { fired, variables }: { fired: TriggerFired; variables: Readonly<Record<string, unknown>> },
): { enforcement: Enforcement; ask?: Extract<RunAsked, { kind: "start" }> } {
  const { ref: rule, action } = definition;
  const input = ruleInput(action.parameters, variables);
  if (typeof input === "string") return { enforcement: { rule, action: action.ref, failure: input.slice(0, longestFailure) } };
  const key = eventKey(fired.event, rule);
  const { firedAt: askedAt, depth = 0 } = fired;
  const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
  const asker = { platform: rulePlatform, id: rule, kind: "bot" } as const;
  const replyTo = { platform: rulePlatform, account: rule, channel: rule };
  const ask = { v: 1, kind: "start", key, run, action: action.ref, input, rule, depth: depth + 1, asker, replyTo, askedAt } as const;
  return { enforcement: { rule, action: action.ref, run }, ask };
}

/** What a rule's action is given, or why it can't be filled in. */
export function ruleInput(
  parameters: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> | string {
  try {
    return Object.fromEntries(Object.entries(renderValues(parameters, { variables })));
  } catch (error) {
    return `its parameters can't be filled in: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function failedOf({ definition }: CompiledRule, { key, message }: CriterionFailure): Enforcement {
  return { rule: definition.ref, action: definition.action.ref, failure: `criterion ${key}: ${message}`.slice(0, longestFailure) };
}
