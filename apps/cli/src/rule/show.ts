import type { CompiledRule, CriterionVerdict, RuleOutcome } from "@bellhop/core";
import { writeJson } from "@bellhop/expression";

/** Whether a rule fires, in a few words. */
export function reasonOf({ definition }: CompiledRule, outcome: RuleOutcome): string {
  switch (outcome.kind) {
    case "fits":
      return definition.type === "backstop" ? "fires, unless a standard rule does" : "fires";
    case "differs":
      return "does not fire";
    case "disabled":
      return "does not fire: it is not enabled";
    case "empty":
      return "does not fire: the event says nothing that its criteria could be checked on";
  }
}

/** What came of each criterion, a line for each, indented. */
export function verdictLines(verdicts: readonly CriterionVerdict[], indent = "  "): string[] {
  return verdicts.flatMap((verdict) => {
    const mark = verdict.fits ? "fits   " : "differs";
    const failures = verdict.failures.filter(({ key }) => key === verdict.key || verdict.of === undefined);
    const faults = failures.map(({ key, message }) => `${indent}  ${key === verdict.key ? "" : `${key}: `}${message}`);
    if (verdict.of !== undefined) return [`${indent}${mark} ${verdict.key}:`, ...verdictLines(verdict.of, `${indent}  `)];
    if (verdict.operator === "") return [`${indent}${mark} ${verdict.key}: says no type`];
    const pattern = verdict.operator.endsWith("exists") ? "" : ` ${shown(verdict.pattern)}`;
    // Where the pattern or the key fails, nobody looked.
    const found = verdict.found === undefined ? "" : `: found ${shown(verdict.found)}`;
    return [`${indent}${mark} ${verdict.key} ${verdict.operator}${pattern}${found}`, ...faults];
  });
}

/** The same for programs. */
export function verdictsAsData(verdicts: readonly CriterionVerdict[]): unknown[] {
  return verdicts.map(({ key, operator, found, pattern, fits, failures, of }) => ({
    key,
    operator,
    ...(of === undefined ? { found: found ?? null, pattern: pattern ?? null } : {}),
    fits,
    failures: failures.map(({ key: at, stage, message }) => ({ key: at, stage, message })),
    ...(of === undefined ? {} : { of: verdictsAsData(of) }),
  }));
}

/** What is found may be long: its beginning tells enough. */
function shown(value: unknown): string {
  const text = value === undefined || value === null ? "nothing" : writeJson(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
