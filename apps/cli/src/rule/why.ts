import { evaluateRules, explainRule } from "@bellhop/core";
import { writeJson } from "@bellhop/expression";
import type { Env } from "@bellhop/service";
import { UsageError, type ExitCode } from "../report.ts";
import { readEvent } from "./event.ts";
import { rulesOf } from "./rules.ts";
import { reasonOf, verdictLines, verdictsAsData } from "./show.ts";

/** `bellhop rule why`: of every rule on the event's trigger, why it fires or does not. */
export async function ruleWhy(event: string, options: { packs?: string; json: boolean }, env: Env): Promise<ExitCode> {
  const { trigger, happening } = readEvent(event);
  if (trigger === undefined) throw new UsageError(`${event} says no trigger: write {"trigger": "core.st2.webhook", "payload": …}.`);
  const all = await rulesOf(options.packs, env);
  const rules = all.filter(({ definition }) => definition.trigger.type === trigger);
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
