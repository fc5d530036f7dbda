import type { RuleDefinition } from "@bellhop/contracts";
import {
  checkCriteria,
  compileCriteria,
  isEmpty,
  type Criterion,
  type CriterionFailure,
  type Happening,
  type CriterionVerdict,
} from "./criteria.ts";

/** A rule with its criteria compiled: once, when the catalog is made. */
export interface CompiledRule {
  readonly definition: RuleDefinition;
  readonly criteria: readonly Criterion[];
}

export function compileRule(definition: RuleDefinition): CompiledRule {
  return { definition, criteria: compileCriteria(definition.criteria) };
}

/** What came of a rule for an event. */
export type RuleOutcome =
  | { readonly kind: "fits"; readonly failures: readonly CriterionFailure[] }
  | { readonly kind: "disabled"; readonly failures: readonly CriterionFailure[] }
  /** There are criteria, and the event says nothing that they could be checked on. */
  | { readonly kind: "empty"; readonly failures: readonly CriterionFailure[] }
  | { readonly kind: "differs"; readonly failures: readonly CriterionFailure[] };

/** Whether a rule fits what happened. Stops at the first criterion that doesn't. */
export function checkRule(rule: CompiledRule, happening: Happening): RuleOutcome {
  const { outcome } = look(rule, happening, false);
  return outcome;
}

/** The same, with what came of every criterion. */
export function explainRule(
  rule: CompiledRule,
  happening: Happening,
): { readonly outcome: RuleOutcome; readonly verdicts: readonly CriterionVerdict[] } {
  return look(rule, happening, true);
}

/** What came of all rules of a trigger: a backstop fires only where no standard rule does. */
export interface Evaluation {
  readonly fired: readonly CompiledRule[];
  readonly failures: readonly { readonly rule: CompiledRule; readonly failure: CriterionFailure }[];
}

export function evaluateRules(rules: readonly CompiledRule[], happening: Happening): Evaluation {
  const failures: { rule: CompiledRule; failure: CriterionFailure }[] = [];
  const firing = (type: RuleDefinition["type"]) =>
    rules.filter((rule) => {
      if (rule.definition.type !== type) return false;
      const outcome = checkRule(rule, happening);
      failures.push(...outcome.failures.map((failure) => ({ rule, failure })));
      return outcome.kind === "fits";
    });
  const standard = firing("standard");
  return { fired: standard.length > 0 ? standard : firing("backstop"), failures };
}

function look(rule: CompiledRule, happening: Happening, all: boolean): { outcome: RuleOutcome; verdicts: readonly CriterionVerdict[] } {
  if (!rule.definition.enabled && !all) return { outcome: { kind: "disabled", failures: [] }, verdicts: [] };
  if (rule.criteria.length > 0 && isEmpty(happening.payload)) return { outcome: { kind: "empty", failures: [] }, verdicts: [] };
  const { fits, verdicts } = checkCriteria(rule.criteria, { context: { trigger: happening.payload }, happening, all });
  const failures = verdicts.flatMap((verdict) => verdict.failures);
  const kind = rule.definition.enabled ? (fits ? "fits" : "differs") : "disabled";
  return { outcome: { kind, failures }, verdicts };
}
