import { existsSync } from "node:fs";
import { compileRule, evaluateRules, explainRule, jinja, triggerKey, type Happening } from "@bellhop/core";
import { DateTime, writeJson } from "@bellhop/expression";
import type { Env } from "@bellhop/service";
import { activePacks } from "../event/packs.ts";
import { storedEvent } from "../event/stored.ts";
import { UsageError, type ExitCode } from "../report.ts";
import { withBus } from "../with-bus.ts";
import { readEvent } from "./event.ts";
import { rulesOf } from "./rules.ts";
import { reasonOf, verdictLines, verdictsAsData } from "./show.ts";

/** `bellhop rule why`: of every rule on the event's trigger, why it fires or does not. */
export async function ruleWhy(event: string, options: { packs?: string; json: boolean }, env: Env): Promise<ExitCode> {
  const { trigger, happening, parameters, all } = await eventAndRules(event, options.packs, env);
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
async function eventAndRules(event: string, packs: string | undefined, env: Env) {
  if (existsSync(event) || !/^[0-9A-HJKMNP-TV-Z]{26}$/.test(event)) {
    const read = readEvent(event);
    return { ...read, parameters: undefined, all: await rulesOf(packs, env) };
  }
  return withBus(env, "bellhop rule why", async (bus) => {
    const { fired } = await storedEvent(bus, event);
    const now = new DateTime(BigInt(Date.parse(fired.firedAt)) * 1000n, 0);
    const happening: Happening = { payload: await bus.loadValue(fired.payload), now, render: jinja };
    const all =
      packs === undefined ? (await activePacks(bus)).flatMap(({ rules = [] }) => rules.map(compileRule)) : await rulesOf(packs, env);
    return { trigger: fired.trigger, happening, parameters: fired.parameters ?? {}, all };
  });
}
