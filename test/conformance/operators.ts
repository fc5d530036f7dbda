import { compileRule, evaluateRules, jinja, checkRule, KeyFault, operators, type CriterionFailure } from "@bellhop/core";
import { DateTime, parseDate, Shown } from "@bellhop/expression";
import { z } from "zod";
import type { Case } from "./kinds.ts";

const Criteria = z.record(z.string(), z.unknown());
const Datastore = z.object({ system: z.record(z.string(), z.string()) }).optional();
const Operator = z.object({ operator: z.string(), value: z.unknown(), pattern: z.unknown(), now: z.string().optional() });
const OneRule = z.object({
  payload: z.unknown(),
  criteria: Criteria,
  enabled: z.boolean().default(true),
  now: z.string().optional(),
  kv: Datastore,
});
const SeveralRules = z.object({
  payload: z.unknown(),
  rules: z.array(
    z.object({ ref: z.string(), type: z.enum(["standard", "backstop"]).optional(), criteria: Criteria, enabled: z.boolean().optional() }),
  ),
  now: z.string().optional(),
  kv: Datastore,
});

const epoch = new DateTime(0n, 0);
const timeOf = (now: string | undefined) => (now === undefined ? epoch : parseDate(now, epoch));
const source = { file: "", line: 1, column: 1 };
const about = {
  pack: "pack",
  description: "",
  trigger: { type: "core.x", parameters: {} },
  action: { ref: "core.x", parameters: {} },
  source,
};

export function answer(given: Case): unknown {
  switch (given.kind) {
    case "operator": {
      const { operator: name, value, pattern, now } = Operator.parse(given);
      const operator = operators.get(name.toLowerCase());
      if (operator === undefined) throw new Error(`Invalid operator: ${name}`);
      return { result: operator(pattern ?? null)(value, timeOf(now)) };
    }
    case "rule": {
      const { payload, criteria, enabled, now, kv } = OneRule.parse(given);
      const rule = compileRule({ ...about, ref: "pack.rule", name: "rule", type: "standard", enabled, criteria });
      const { kind, failures } = checkRule(rule, { payload, now: timeOf(now), names: datastore(kv), render: jinja });
      return {
        match: kind === "fits",
        ...errorOf(failures),
        enforcement_failures: failures.filter(isWritten).map((one) => worded(one, "pack.rule")),
      };
    }
    case "rules": {
      const { payload, rules, now, kv } = SeveralRules.parse(given);
      const compiled = rules.map(({ ref, type = "standard", criteria, enabled = true }) =>
        compileRule({ ...about, ref, name: ref, type, enabled, criteria }),
      );
      const { fired, failures } = evaluateRules(compiled, { payload, now: timeOf(now), names: datastore(kv), render: jinja });
      const written = failures.filter(({ failure }) => isWritten(failure));
      const invalid = errorOf(failures.map(({ failure }) => failure));
      const matched = fired.map(({ definition }) => definition.ref);
      return {
        ...(invalid.error === undefined ? { matched } : invalid),
        enforcement_failures: written.map(({ failure, rule }) => worded(failure, rule.definition.ref)),
      };
    }
    default:
      throw new Error(`no such kind of case: ${given.kind}`);
  }
}

/** Values of the datastore are no text there, only shown as one. */
function datastore(kv: z.infer<typeof Datastore>): Readonly<Record<string, unknown>> {
  const system = Object.entries(kv?.system ?? {}).map(([key, value]) => [key, new Shown("KeyValueLookup", value)] as const);
  return { st2kv: { system: Object.fromEntries(system) } };
}

/** There an operator nobody knows ends the evaluation of all rules; here it is one rule's failure. */
function errorOf(failures: readonly CriterionFailure[]): { error?: string; message?: string } {
  const invalid = failures.find(({ stage }) => stage === "operator");
  return invalid === undefined ? {} : { error: "Exception", message: invalid.message };
}

function isWritten({ stage }: CriterionFailure): boolean {
  return stage !== "operator";
}

/** As the original writes it down. */
function worded({ key, stage, pattern, message, cause }: CriterionFailure, rule: string): string {
  const head = `Failed to match rule "${rule}" against trigger instance "trigger-instance-id": `;
  if (stage === "pattern") return `${head}Failed to render pattern value "${String(pattern)}" for key "${key}": ${message}`;
  if (stage === "key") return `${head}Failed transforming criteria key ${key}: ${cause instanceof KeyFault ? keyFault(cause) : message}`;
  return `${head}There might be a problem with the criteria in rule ${rule}: ${message}`;
}

function keyFault({ at }: KeyFault): string {
  if (at === undefined) return "'NoneType' object has no attribute 'lineno'";
  if (at.kind === "character") return `Error on line 1, col ${at.column}: Unexpected character: ${at.text} `;
  return `Parse error at 1:${at.column} near token ${at.text}`;
}
