import type { AnyAction } from "./action.ts";
import type { InputOf } from "./alias.ts";
import { brand, isBranded } from "./brand.ts";
import type { AnyWorkflow } from "./workflow.ts";

/** The triggers that there are without any pack, and what a rule asks of each. `missed`: what becomes of ticks that were missed, by default one for all of them. */
export interface Triggers {
  readonly "core.st2.webhook": { readonly url: string };
  readonly "core.st2.IntervalTimer": {
    readonly unit: "weeks" | "days" | "hours" | "minutes" | "seconds";
    readonly delta: number;
  } & Clock;
  /** `date` as ISO 8601 has it. Fires once. */
  readonly "core.st2.DateTimer": { readonly date: string } & Clock;
  /** Numbers or expressions: `*`, `*` with a step, `1-5`, `mon`. */
  readonly "core.st2.CronTimer": Readonly<
    Partial<Record<"year" | "month" | "day" | "week" | "day_of_week" | "hour" | "minute" | "second", number | string>>
  > &
    Clock;
}

interface Clock {
  readonly timezone?: string;
  readonly missed?: "once" | "all" | "skip";
}

/** How a value is held against a pattern, as StackStorm names it. */
export type Operator =
  | "equals"
  | "eq"
  | "nequals"
  | "neq"
  | "iequals"
  | "ieq"
  | "contains"
  | "ncontains"
  | "icontains"
  | "incontains"
  | "startswith"
  | "istartswith"
  | "endswith"
  | "iendswith"
  | "lessthan"
  | "lt"
  | "greaterthan"
  | "gt"
  | "matchwildcard"
  | "matchregex"
  | "regex"
  | "iregex"
  | "timediff_lt"
  | "td_lt"
  | "timediff_gt"
  | "td_gt"
  | "inside"
  | "in"
  | "ninside"
  | "nin";

/** What has to be so of one value. A pattern that is text is a template: `{{ trigger.body.least }}`. */
export type Criterion =
  | { readonly type: Operator; readonly pattern: unknown }
  | { readonly type: "exists" | "nexists" }
  /** Of a list: whether `any` or `all` items fit all criteria, or any of them (`any2any`, `all2any`). */
  | { readonly type: "search"; readonly condition: "any" | "all" | "any2any" | "all2any"; readonly pattern: ItemCriteria };

/** By key, which begins with `item`. */
export type ItemCriteria = { readonly [key in `item${string}`]: Criterion };

/** What has to be so, by key: `trigger.body.ref`, `trigger.headers['X-Event']`. All of them; `any`, `all` and `not` hold others. */
export type Criteria = { readonly [key in `trigger${string}`]: Criterion } & {
  readonly any?: readonly Criteria[];
  readonly all?: readonly Criteria[];
  readonly not?: Criteria;
};

/** Text with an expression in it. */
export type Template = `${string}{{${string}}}${string}` | `${string}{%${string}%}${string}`;

/** A rule as data. {@link defineRule} takes the same, checked against its action. */
export interface RuleSpec {
  /** One line for people. */
  readonly description?: string;
  /** The kind of event that it waits for: `pack.trigger`. */
  readonly trigger: string;
  /** What is asked of the trigger: a webhook's url, a timer's unit. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly criteria?: Criteria;
  /** An action or a workflow of this pack, imported from its file, or the ref of any action. */
  readonly action: AnyAction | AnyWorkflow | string;
  /** What the action is given. Texts are templates, which see what happened as `trigger`. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** It fires only where no other rule does. */
  readonly backstop?: boolean;
  /** Whether it fires; default `true`. */
  readonly enabled?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A rule, as `defineRule` makes it. */
export interface Rule {
  readonly [brand]: "rule";
  readonly spec: RuleSpec;
}
/** Any rule, whatever its action is. */
export type AnyRule = Rule;

/** Defines a rule: when a trigger fires and the criteria fit, an action runs. Its name is that of the file, which exports it as default. What can't work does
 *  not compile: a key that does not begin with `trigger`, an operator that there is not, parameters that a timer or a webhook does not take, and an input that the action
 *  has not, or of another type; a template may stand for any of them.
 *
 *      // rules/on-push.ts; the action would be imported: import pull from "../actions/pull.ts";
 *      import { defineAction, defineRule, z } from "@bellhop/sdk";
 *
 *      const pull = defineAction({ description: "Pull a branch", input: { ref: z.string(), depth: z.int().default(1) }, run: () => null });
 *
 *      export default defineRule({
 *        trigger: "core.st2.webhook",
 *        parameters: { url: "github" },
 *        criteria: { "trigger.body.ref": { type: "equals", pattern: "refs/heads/main" } },
 *        action: pull,
 *        input: { ref: "{{ trigger.body.ref }}" },
 *      });
 */
export function defineRule<const T extends string, const A extends AnyAction | AnyWorkflow | string>(
  spec: Omit<RuleSpec, "trigger" | "parameters" | "action" | "input"> & {
    readonly trigger: T;
    readonly action: A;
    readonly input?: { readonly [Name in keyof InputOf<A>]?: InputOf<A>[Name] | Template };
  } & (T extends keyof Triggers ? { readonly parameters: Triggers[T] } : { readonly parameters?: Readonly<Record<string, unknown>> }),
): Rule {
  return { [brand]: "rule", spec: spec as RuleSpec };
}

/** Whether a value was made by `defineRule`, of this or another copy of this package. */
export function isRule(value: unknown): value is AnyRule {
  return isBranded(value, "rule");
}
