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
  const { outcome } = look(rule, happening, "enough");
  return outcome;
}

/** The same, with what came of every criterion. */
export function explainRule(
  rule: CompiledRule,
  happening: Happening,
): { readonly outcome: RuleOutcome; readonly verdicts: readonly CriterionVerdict[] } {
  return look(rule, happening, "everything");
}

/** What came of all rules of a trigger: a backstop fires only where no standard rule does. */
export interface Evaluation {
  readonly fired: readonly CompiledRule[];
  readonly failures: readonly { readonly rule: CompiledRule; readonly failure: CriterionFailure }[];
}

/** Holds an event against rules, in their order. */
export function evaluateRules(rules: readonly CompiledRule[], happening: Happening): Evaluation {
  return allSteps(evaluateSteps(rules, happening));
}

/** The same, with places where others may work. */
export function* evaluateSteps(rules: readonly CompiledRule[], happening: Happening): Generator<void, Evaluation, void> {
  const failures: { rule: CompiledRule; failure: CriterionFailure }[] = [];
  for (const type of ["standard", "backstop"] as const) {
    const fired: CompiledRule[] = [];
    for (const rule of rules) {
      if (rule.definition.type !== type) continue;
      const outcome = checkRule(rule, happening);
      failures.push(...outcome.failures.map((failure) => ({ rule, failure })));
      if (outcome.kind === "fits") fired.push(rule);
      yield;
    }
    if (fired.length > 0) return { fired, failures };
  }
  return { fired: [], failures };
}

/** What comes of steps that nobody works in between of. */
export function allSteps<Result>(steps: Generator<void, Result, void>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** @param seeks enough to know the outcome, or what came of every criterion, also of a rule that is off */
function look(
  rule: CompiledRule,
  happening: Happening,
  seeks: "enough" | "everything",
): { outcome: RuleOutcome; verdicts: readonly CriterionVerdict[] } {
  const all = seeks === "everything";
  if (!rule.definition.enabled && !all) return { outcome: { kind: "disabled", failures: [] }, verdicts: [] };
  if (rule.criteria.length > 0 && isEmpty(happening.payload)) return { outcome: { kind: "empty", failures: [] }, verdicts: [] };
  const seen = ownNames(rule, happening);
  const { fits, verdicts } = checkCriteria(rule.criteria, { context: { trigger: happening.payload }, happening: seen, all });
  const failures = verdicts.flatMap((verdict) => verdict.failures);
  const kind = rule.definition.enabled ? (fits ? "fits" : "differs") : "disabled";
  return { outcome: { kind, failures }, verdicts };
}

/** With what the rule's own pack may see, put together where a template asks. */
function ownNames({ definition }: CompiledRule, happening: Happening): Happening {
  const { namesOf } = happening;
  if (namesOf === undefined) return happening;
  return {
    ...happening,
    get names() {
      return namesOf(definition);
    },
  };
}
