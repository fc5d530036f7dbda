import { ruleUser } from "@bellhop/contracts";
import { explainRule, kvNames, namesFor, ruleInput } from "@bellhop/core";
import { writeJson } from "@bellhop/expression";
import type { Env } from "@bellhop/service";
import { datastoreGiven, datastoreOf } from "../kv/given.ts";
import { note, type ExitCode } from "../report.ts";
import { withConfigs } from "./configs.ts";
import { readEvent } from "./event.ts";
import { findRule } from "./rules.ts";
import { reasonOf, verdictLines, verdictsAsData } from "./show.ts";

/** `bellhop rule test`: 0 where the rule fires, 1 where it doesn't. */
export async function ruleTest(options: { rule: string; event: string; kv?: string; json: boolean }, env: Env): Promise<ExitCode> {
  const { trigger, happening } = readEvent(options.event);
  const { rule, schemas } = await findRule(options.rule, env);
  const { definition } = rule;
  const given = options.kv === undefined ? datastoreOf([], "--kv FILE") : datastoreGiven(options.kv);
  const kv = kvNames(withConfigs(given, { env, schemas }), { user: ruleUser, pack: definition.pack });
  const { outcome, verdicts } = explainRule(rule, { ...happening, names: namesFor(definition.criteria, kv) });
  const isOther = trigger !== undefined && trigger !== definition.trigger.type;
  const why = isOther ? `does not fire: it waits for ${definition.trigger.type}, and this is ${trigger}` : reasonOf(rule, outcome);
  const fires = outcome.kind === "fits" && !isOther;
  const { ref, parameters } = definition.action;
  const filled = ruleInput(parameters, { payload: happening.payload, kv });
  if (options.json) {
    const criteria = verdictsAsData(verdicts);
    const given = filled.kind === "failed" ? { failure: filled.why } : { input: filled.input };
    process.stdout.write(
      `${writeJson({ rule: definition.ref, fires, why, criteria, action: definition.action, ...(fires ? given : {}) })}\n`,
    );
  } else {
    const given = filled.kind === "failed" ? `can't run ${ref}: ${filled.why}` : `runs ${ref} with ${writeJson(filled.input)}`;
    const then = fires ? [`  ${given}`] : [];
    process.stdout.write(`${[`${definition.ref} ${why}`, ...verdictLines(verdicts), ...then].join("\n")}\n`);
  }
  for (const missed of given.missed()) note(missed);
  return fires ? 0 : 1;
}
