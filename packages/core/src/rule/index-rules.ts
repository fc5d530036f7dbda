import type { RuleDefinition } from "@bellhop/contracts";
import { asksDatastore } from "../kv/names.ts";
import type { Happening } from "./criteria.ts";
import { evaluateRules, evaluateSteps, type Evaluation, type CompiledRule } from "./evaluate.ts";

/** Rules by trigger, and within one by the value that a criterion has to equal: an event is held against those that it could fit. */
export interface RuleIndex {
  /** Of rules that are enabled. */
  readonly size: number;
  /** What rules wait for, each trigger with the same parameters once. */
  readonly triggers: readonly RuleDefinition["trigger"][];
  /** What fires, as if every rule of the trigger with these parameters had been checked in order. */
  readonly evaluate: (trigger: string, happening: Happening, parameters?: Parameters) => Evaluation;
  /** The same, with places where others may work. */
  readonly evaluateSteps: (trigger: string, happening: Happening, parameters?: Parameters) => Generator<void, Evaluation, void>;
  /** How many rules an event would be held against. */
  readonly candidates: (trigger: string, payload: unknown, parameters?: Parameters) => number;
  /** Whether any rule waits for it. */
  readonly waitsFor: (trigger: string, parameters?: Parameters) => boolean;
  /** Whether a rule that waits for it asks for the datastore. */
  readonly asksDatastore: (trigger: string, parameters?: Parameters) => boolean;
}

type Parameters = Readonly<Record<string, unknown>>;

/** Made once for a catalog. Rules that are off are left out. */
export function indexRules(rules: readonly CompiledRule[]): RuleIndex {
  const byTrigger = new Map<string, CompiledRule[]>();
  const enabled = rules.filter((rule) => rule.definition.enabled);
  for (const rule of enabled) {
    const key = triggerKey(rule.definition.trigger.type, rule.definition.trigger.parameters);
    const group = byTrigger.get(key);
    if (group === undefined) byTrigger.set(key, [rule]);
    else group.push(rule);
  }
  const groups = new Map(Array.from(byTrigger, ([trigger, group]) => [trigger, groupOf(group)] as const));
  const candidates = (trigger: string, payload: unknown, parameters?: Parameters) =>
    groups.get(triggerKey(trigger, parameters))?.(payload) ?? [];
  return {
    size: enabled.length,
    triggers: [...new Map(enabled.map(({ definition: { trigger } }) => [triggerKey(trigger.type, trigger.parameters), trigger])).values()],
    evaluate: (trigger, happening, parameters) => evaluateRules(candidates(trigger, happening.payload, parameters), happening),
    evaluateSteps: (trigger, happening, parameters) => evaluateSteps(candidates(trigger, happening.payload, parameters), happening),
    candidates: (trigger, payload, parameters) => candidates(trigger, payload, parameters).length,
    waitsFor: (trigger, parameters) => groups.has(triggerKey(trigger, parameters)),
    asksDatastore: (trigger, parameters) =>
      byTrigger.get(triggerKey(trigger, parameters))?.some(({ definition }) => asksDatastore(definition)) ?? false,
  };
}

/** A trigger and its parameters as one text: rules that ask for the same wait for the same events. The order of the parameters means nothing, and neither do
 *  slashes around a webhook's path. */
export function triggerKey(type: string, parameters: Parameters = {}): string {
  const names = Object.keys(parameters).toSorted();
  if (names.length === 0) return type;
  return `${type} ${JSON.stringify(names.map((name) => [name, name === "url" ? trimmed(parameters[name]) : ordered(parameters[name])]))}`;
}

function trimmed(url: unknown): unknown {
  return typeof url === "string" ? url.replace(/^\/+|\/+$/g, "") : url;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, ordered(inner)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

interface Placed {
  readonly at: number;
  readonly rule: CompiledRule;
}

/** The rules of one trigger that a payload could fit, in their order. */
function groupOf(rules: readonly CompiledRule[]): (payload: unknown) => readonly CompiledRule[] {
  const rest: Placed[] = [];
  const byKey = new Map<string, { lookUp: (context: Readonly<Record<string, unknown>>) => unknown; byValue: Map<string, Placed[]> }>();
  rules.forEach((rule, at) => {
    const equality = equalityOf(rule);
    if (equality === undefined) return void rest.push({ at, rule });
    const { key, lookUp, pattern } = equality;
    const entry = byKey.get(key) ?? { lookUp, byValue: new Map<string, Placed[]>() };
    byKey.set(key, entry);
    const value = valueKey(pattern) ?? "";
    const placed = entry.byValue.get(value);
    if (placed === undefined) entry.byValue.set(value, [{ at, rule }]);
    else placed.push({ at, rule });
  });
  const keys = [...byKey.values()];
  return (payload) => {
    const found = keys.flatMap(({ lookUp, byValue }) => {
      const value = valueKey(lookUp({ trigger: payload }));
      return value === undefined ? [] : (byValue.get(value) ?? []);
    });
    if (found.length === 0) return rest.map(({ rule }) => rule);
    return [...rest, ...found].toSorted((a, b) => a.at - b.at).map(({ rule }) => rule);
  };
}

/** The first criterion that asks for a value, if none before it could fail: a failure is written down, so it has to come about. */
function equalityOf(rule: CompiledRule) {
  for (const { key, equality, safe } of rule.criteria) {
    if (equality !== undefined) return { key: key.split("#", 1)[0] ?? key, ...equality };
    if (!safe) return undefined;
  }
  return undefined;
}

/** The same for values that are equal: 1, 1.0 and true are. */
function valueKey(value: unknown): string | undefined {
  if (typeof value === "string") return `"${value}`;
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "bigint") return String(value);
  const number = typeof value === "object" && value !== null ? value.valueOf() : value;
  if (typeof number !== "number") return undefined;
  return Number.isInteger(number) ? String(BigInt(number)) : String(number);
}
