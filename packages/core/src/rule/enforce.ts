import {
  eventKey,
  fieldsOf,
  ruleUser,
  runId,
  shardOfKey,
  shardOfRun,
  type Enforcement,
  type EventOutcome,
  type RuleDefinition,
  type RunAsked,
  type TriggerFired,
} from "@bellhop/contracts";
import { DateTime, renderValues } from "@bellhop/expression";
import { asksConfig, kvNames, namesFor, readsSecret, type Datastore, type KvNames } from "../kv/names.ts";
import { lackedBy } from "../run/templates.ts";
import { chainBounds, chainCut, type ChainBounds } from "./chain.ts";
import { allSteps, type CompiledRule } from "./evaluate.ts";
import type { RuleIndex } from "./index-rules.ts";
import { jinja } from "./pattern.ts";

/** What an event leads to: the record of it, and an ask for each rule that fires. */
export interface Enforced {
  outcome: EventOutcome;
  asks: Extract<RunAsked, { kind: "start" }>[];
}

/** Decides what becomes of an event. The same event gives the same runs, whoever decides and how often.
 *  @param at.payload what the event says, loaded where it travelled by reference
 *  @param at.datastore what templates may ask for as `st2kv`
 *  @param at.chain how far events may lead to one another, and how many runs followed from others in the event's trace */
export function enforce(at: Parameters<typeof enforceSteps>[0]): Enforced {
  return allSteps(enforceSteps(at));
}

/** The same, with places where others may work. */
export function* enforceSteps(at: {
  rules: RuleIndex;
  fired: TriggerFired;
  payload: unknown;
  datastore?: Datastore;
  chain?: { bounds: ChainBounds; before: number };
}): Generator<void, Enforced, void> {
  const { rules, fired, payload, datastore, chain = { bounds: chainBounds, before: 0 } } = at;
  const { v: _, key: _key, event: _event, ...about } = fired;
  // The clock of the moment it was fired: whoever decides later decides the same.
  const now = new DateTime(BigInt(Date.parse(fired.firedAt)) * 1000n, 0);
  const known = new Map<string, KvNames>();
  const seenBy = (pack: string): KvNames | undefined => {
    if (datastore === undefined) return undefined;
    const names = known.get(pack) ?? kvNames(datastore, { user: ruleUser, pack });
    known.set(pack, names);
    return names;
  };
  const namesOf = ({ pack, criteria }: RuleDefinition) => namesFor(criteria, seenBy(pack));
  const evaluation = yield* rules.evaluateSteps(fired.trigger, { payload, now, namesOf, render: jinja }, fired.parameters);
  const made: ReturnType<typeof enforceOne>[] = [];
  const together = evaluation.fired.length <= bornTogether;
  const cut = chainCut(fired, { ...chain, rules: evaluation.fired.map(({ definition }) => definition.ref) });
  for (const rule of evaluation.fired) {
    const { pack } = rule.definition;
    const kv = seenBy(pack);
    const kept = isOthersChange({ fired, payload, pack, datastore })
      ? `${pack} may not have the values of the whole installation: datastore.systemValues of bellhop.yaml`
      : cut?.message;
    made.push(kept === undefined ? enforceOne(rule, { fired, payload, kv, together }) : { enforcement: withheld(rule, kept) });
    yield;
  }
  const failed = evaluation.failures.map(({ rule, failure: { key, message, pattern, stage } }) => {
    const { criteria, pack } = rule.definition;
    const lacks = stage === "pattern" ? lackedFrom(seenBy(pack), pattern) : undefined;
    // A pattern is compared as it was rendered, and what is wrong with it quotes it.
    return withheld(rule, `criterion ${key}: ${alsoLacking(opensSecrets(criteria) ? readsSecret : message, lacks)}`);
  });
  const enforcements = [...made.map(({ enforcement }) => enforcement), ...failed];
  const listed = withinBytes(enforcements);
  const unlisted = enforcements.length - listed.length;
  return {
    outcome: {
      ...about,
      enforcements: listed,
      ...(unlisted === 0 ? {} : { unlisted }),
      ...(cut === undefined ? {} : { refused: `${cut.message} ${cut.hint}` }),
    },
    asks: made.flatMap(({ ask }) => (ask === undefined ? [] : [ask])),
  };
}

/** Up to so many runs of an event are born in its own shard, where its engine begins them without a way through the queue; more are spread. */
const bornTogether = 8;

/** What of its rules an event's record has room for, in characters of JSON, and how many of them may say what failed. */
const listedAtMost = 12_000;
const longestFailure = 500;

function withinBytes(enforcements: readonly Enforcement[]): Enforcement[] {
  let left = listedAtMost;
  // Of thousands few have room: nobody measures the others.
  const out = enforcements.findIndex((one) => (left -= JSON.stringify(one).length) < 0);
  return out < 0 ? [...enforcements] : enforcements.slice(0, out);
}

/** Who asks for the runs of rules. Nothing that people say comes in this name. */
export const rulePlatform = "rule";

function enforceOne(
  { definition }: CompiledRule,
  { fired, payload, kv, together }: { fired: TriggerFired; payload: unknown; kv: KvNames | undefined; together: boolean },
): { enforcement: Enforcement; ask?: Extract<RunAsked, { kind: "start" }> } {
  const { ref: rule, action } = definition;
  const filled = ruleInput(action.parameters, { payload, kv });
  if (filled.kind === "failed") return { enforcement: { rule, action: action.ref, failure: filled.why.slice(0, longestFailure) } };
  const { input, secrets } = filled;
  const key = eventKey(fired.event, rule);
  const { firedAt: askedAt, depth = 0 } = fired;
  const shard = (together ? shardOfRun(fired.event) : undefined) ?? shardOfKey(key);
  const run = runId({ key, at: askedAt, shard });
  const asker = { platform: rulePlatform, id: rule, kind: "bot" } as const;
  const replyTo = { platform: rulePlatform, account: rule, channel: rule };
  const about = { rule, depth: depth + 1, asker, replyTo, askedAt, ...(secrets.length === 0 ? {} : { secrets }) };
  const ask = { v: 1, kind: "start", key, run, action: action.ref, input, ...about } as const;
  return { enforcement: { rule, action: action.ref, run }, ask };
}

type RuleInput =
  /** `secrets`: names of those that a secret of the datastore went into. */
  { kind: "filled"; input: Record<string, unknown>; secrets: string[] } | { kind: "failed"; why: string };

/** What a rule's action is given, or why it can't be filled in. */
export function ruleInput(
  parameters: Readonly<Record<string, unknown>>,
  { payload, kv }: { payload: unknown; kv?: KvNames | undefined },
): RuleInput {
  const variables = { ...namesFor(parameters, kv), trigger: payload };
  const input: Record<string, unknown> = {};
  const secrets: string[] = [];
  let asked: unknown;
  try {
    for (const [name, value] of Object.entries(parameters)) {
      asked = value;
      Object.assign(input, renderValues({ [name]: value }, { variables, nested: "apart" }));
      if (kv?.opened() === true) secrets.push(name);
    }
    return { kind: "filled", input, secrets };
  } catch (error) {
    const why = kv?.opened() === true ? readsSecret : error instanceof Error ? error.message : String(error);
    return { kind: "failed", why: `its parameters can't be filled in: ${alsoLacking(why, lackedFrom(kv, asked))}` };
  }
}

/** A configuration is put together anew for it: only where something failed that asks for one. */
function lackedFrom(kv: KvNames | undefined, template: unknown): string | undefined {
  return asksConfig(template) ? lackedBy(template, kv?.config()) : undefined;
}

/** What is not configured is likely why, and need not be: its template may have said what stands instead. */
function alsoLacking(why: string, lacks: string | undefined): string {
  return lacks === undefined ? why : `${why}${why.endsWith(".") ? "" : "."} ${lacks}`;
}

function withheld({ definition }: CompiledRule, why: string): Enforcement {
  return { rule: definition.ref, action: definition.action.ref, failure: why.slice(0, longestFailure) };
}

/** Whether criteria may have a secret in what they compare with. */
function opensSecrets(criteria: RuleDefinition["criteria"]): boolean {
  return /decrypt_kv|config_context/.test(JSON.stringify(criteria));
}

/** Whether it tells what became of a value that the rule's pack may not see: what is not its own, where it may have no other. */
function isOthersChange(of: { fired: TriggerFired; payload: unknown; pack: string; datastore: Datastore | undefined }): boolean {
  const { fired, payload, pack, datastore } = of;
  if (!fired.trigger.startsWith("core.st2.key_value_pair.") || datastore?.maySee?.(pack) !== false) return false;
  const { object, new_object: changed = object } = fieldsOf(payload) ?? {};
  const { scope, name } = fieldsOf(changed) ?? {};
  return scope !== "st2kv.pack" || !String(name).startsWith(`${pack}:`);
}
