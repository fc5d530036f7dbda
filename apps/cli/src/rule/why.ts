import { ruleUser } from "@bellhop/contracts";
import { evaluateRules, explainRule, kvNames, namesFor, triggerKey, type Datastore, type Happening } from "@bellhop/core";
import { writeJson } from "@bellhop/expression";
import type { Env } from "@bellhop/service";
import { switchedPacks } from "../event/packs.ts";
import { datastoreGiven, datastoreOf, type GivenDatastore } from "../kv/given.ts";
import { note, UsageError, type ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { withConfigs } from "./configs.ts";
import { isKept, keptEvent, readEvent } from "./event.ts";
import { rulesAmong, rulesOf } from "./rules.ts";
import { reasonOf, verdictLines, verdictsAsData } from "./show.ts";

/** `bellhop rule why`: of every rule on the event's trigger, why it fires or does not. */
export async function ruleWhy(event: string, options: { packs?: string; kv?: string; json: boolean }, env: Env): Promise<ExitCode> {
  const given = options.kv === undefined ? undefined : datastoreGiven(options.kv);
  const { trigger, happening, parameters, all, tried } = await eventAndRules(event, { packs: options.packs, given }, env);
  if (trigger === undefined) throw new UsageError(`${event} says no trigger: write {"trigger": "core.st2.webhook", "payload": …}.`);
  const rules = all.filter(({ definition: { trigger: wanted } }) =>
    parameters === undefined ? wanted.type === trigger : triggerKey(wanted.type, wanted.parameters) === triggerKey(trigger, parameters),
  );
  const { fired } = evaluateRules(rules, happening);
  const explained = rules.map((rule) => {
    const { outcome, verdicts } = explainRule(rule, happening);
    const fires = fired.includes(rule);
    const heldBack = outcome.kind === "fits" && !fires;
    const by = fired.map(({ definition }) => definition.ref).join(", ");
    return {
      rule,
      fires,
      why: heldBack ? `is held back: ${by} fired, and it is a backstop` : fires ? "fires" : reasonOf(rule, outcome),
      verdicts,
    };
  });
  for (const missed of tried?.missed() ?? []) note(missed);
  if (options.json) {
    const found = explained.map(({ rule, fires, why, verdicts }) => ({
      rule: rule.definition.ref,
      fires,
      why,
      criteria: verdictsAsData(verdicts),
    }));
    process.stdout.write(`${writeJson({ trigger, rules: found })}\n`);
    return 0;
  }
  const lines = explained.flatMap(({ rule, why, verdicts }) => [`${rule.definition.ref} ${why}`, ...verdictLines(verdicts)]);
  process.stdout.write(`${lines.length === 0 ? `No rule waits for ${trigger}; there are ${all.length} rules.` : lines.join("\n")}\n`);
  return 0;
}

/** What happened, from a file or from the log of an event, and the rules that might fire. The parameters of a trigger in a file are not known. */
async function eventAndRules(event: string, how: { packs: string | undefined; given: GivenDatastore | undefined }, env: Env) {
  const { packs, given } = how;
  if (!isKept(event)) {
    const { trigger, happening: bare } = readEvent(event);
    const { rules, schemas } = await rulesOf(packs, env);
    const tried = given ?? datastoreOf([], "--kv FILE");
    const happening = { ...bare, namesOf: namesIn(withConfigs(tried, { env, schemas })) };
    return { trigger, happening, parameters: undefined, all: rules, tried };
  }
  return withBus(env, "bellhop rule why", async (bus) => {
    const { trigger, parameters, happening: bare, datastore, set } = await keptEvent(bus, event);
    const { rules, schemas } = packs === undefined ? rulesAmong(await switchedPacks(bus)) : await rulesOf(packs, env);
    const happening = { ...bare, namesOf: namesIn(withConfigs(given ?? datastore, { env, schemas, set })) };
    return { trigger, happening, parameters, all: rules, tried: given };
  });
}

/** What a rule's criteria see of a datastore, and of its pack's configuration. */
function namesIn(datastore: Datastore): NonNullable<Happening["namesOf"]> {
  return ({ pack, criteria }) => namesFor(criteria, kvNames(datastore, { user: ruleUser, pack }));
}
