import { explainRule, ruleInput } from "@bellhop/core";
import { writeJson } from "@bellhop/expression";
import type { Env } from "@bellhop/service";
import type { ExitCode } from "../report.ts";
import { readEvent } from "./event.ts";
import { findRule } from "./rules.ts";
import { reasonOf, verdictLines, verdictsAsData } from "./show.ts";

/** `bellhop rule test`: 0 where the rule fires, 1 where it doesn't. */
export async function ruleTest(options: { rule: string; event: string; json: boolean }, env: Env): Promise<ExitCode> {
  const { trigger, happening } = readEvent(options.event);
  const rule = await findRule(options.rule, env);
  const { definition } = rule;
  const { outcome, verdicts } = explainRule(rule, happening);
  const isOther = trigger !== undefined && trigger !== definition.trigger.type;
  const why = isOther ? `does not fire: it waits for ${definition.trigger.type}, and this is ${trigger}` : reasonOf(rule, outcome);
  const fires = outcome.kind === "fits" && !isOther;
  const { ref, parameters } = definition.action;
  const input = ruleInput(parameters, { ...happening.names, trigger: happening.payload });
  if (options.json) {
    const criteria = verdictsAsData(verdicts);
    const given = typeof input === "string" ? { failure: input } : { input };
    process.stdout.write(
      `${writeJson({ rule: definition.ref, fires, why, criteria, action: definition.action, ...(fires ? given : {}) })}\n`,
    );
  } else {
    const given = typeof input === "string" ? `can't run ${ref}: ${input}` : `runs ${ref} with ${writeJson(input)}`;
    const then = fires ? [`  ${given}`] : [];
    process.stdout.write(`${[`${definition.ref} ${why}`, ...verdictLines(verdicts), ...then].join("\n")}\n`);
  }
  return fires ? 0 : 1;
}
