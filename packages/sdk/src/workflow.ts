import { z } from "zod";
import type { AnyAction, InputNames, InputShape } from "./action.ts";
import type { InputOf } from "./alias.ts";
import { brand, isBranded } from "./brand.ts";

/** Text that is an expression, or holds some: YAQL (`<% ctx(host) %>`) or Jinja (`{{ ctx().host }}`). */
export type Expression = `${string}<%${string}%>${string}` | `${string}{{${string}}}${string}`;

/** Seconds, or how many: a number, or an expression that gives one. */
export type Amount = number | Expression;

/** What a transition may lead to that is no task. */
export type EngineCommand = "continue" | "noop" | "fail" | "retry";

/** Values by name. Each may be an expression, and sees those before it. */
export type Assignments = Readonly<Record<string, unknown>>;

/** A task as data, with the words of orquesta. {@link defineWorkflow} takes the same, checked against its action and the workflow's tasks. */
export interface TaskSpec {
  /** An action or a workflow of this pack, imported from its file, or the ref of any action. Absent: nothing is done, and it succeeds. */
  readonly action?: AnyAction | AnyWorkflow | string;
  readonly input?: Readonly<Record<string, unknown>> | Expression;
  /** Once for each item of a list: `host in <% ctx(hosts) %>`, and `<% item(host) %>` in its input. */
  readonly with?: string | { readonly items: string; readonly concurrency?: Amount };
  /** Of the tasks that lead here, how many have to, before it begins. Absent: each of them begins it. */
  readonly join?: "all" | number;
  /** Seconds before it begins. */
  readonly delay?: Amount;
  /** Seconds that an attempt may take. */
  readonly timeout?: Amount;
  readonly retry?: { readonly count: Amount; readonly delay?: Amount; readonly when?: Expression };
  /** What it leads to. All that fit are taken, not only the first. */
  readonly next?: readonly TransitionSpec[];
}

/** What happens when a task has ended, and ended so: what becomes variables, and what comes next. */
export interface TransitionSpec {
  /** Absent: whenever the task has ended, however it did. */
  readonly when?: Expression;
  readonly publish?: Assignments;
  /** Tasks, or a command to the engine. Absent: `continue`. */
  readonly do?: string | readonly string[];
}

/** A workflow as data. */
export interface WorkflowSpec {
  /** One line for people: help shows it. */
  readonly description: string;
  /** What it takes, by name, as an action does; `<% ctx(name) %>` in its expressions. */
  readonly input?: InputShape | z.ZodObject;
  /** Inputs that are sealed at intake and shown as `[secret]` everywhere. */
  readonly secrets?: readonly string[];
  readonly vars?: Assignments;
  readonly tasks: Readonly<Record<string, TaskSpec>>;
  /** What it gives back, also where it failed. */
  readonly output?: Assignments;
  /** Seconds for all of it. */
  readonly timeout?: Amount;
  /** Tasks that clean up: they begin once it is canceled, or has failed. */
  readonly on_cancel?: string | readonly string[];
  readonly on_failure?: string | readonly string[];
  /** What waits while a task waits for an answer or is paused: all of it (default), or what comes after that task. */
  readonly pause?: "workflow" | "branch";
  /** Whether it can be run; default `true`. */
  readonly enabled?: boolean;
}

/** A workflow, as `defineWorkflow` makes it. */
export interface Workflow<Input extends InputShape | z.ZodObject = InputShape> {
  readonly [brand]: "workflow";
  readonly spec: Omit<WorkflowSpec, "input"> & { readonly input?: Input };
  readonly input: z.ZodObject;
}

/** Any workflow, whatever it takes. */
export interface AnyWorkflow {
  readonly [brand]: "workflow";
  readonly spec: WorkflowSpec;
  readonly input: z.ZodObject;
}

/** Defines a workflow: actions joined by conditions, as data. Its name is that of the file, which exports it as default. What can't work does not compile: a task
 *  that leads to one that is not there, an input that an action has not, or of another type, one that it needs and does not get; an expression may stand for any of
 *  them. What expressions ask for is checked by `bellhop pack check`.
 *
 *      // workflows/release.ts; the action would be imported: import build from "../actions/build.ts";
 *      import { defineAction, defineWorkflow, z } from "@bellhop/sdk";
 *
 *      const build = defineAction({ description: "Build", input: { service: z.string() }, run: ({ input }) => ({ image: input.service }) });
 *
 *      export default defineWorkflow({
 *        description: "Build a service and say so",
 *        input: { service: z.string() },
 *        tasks: {
 *          build: {
 *            action: build,
 *            input: { service: "<% ctx(service) %>" },
 *            retry: { count: 2, delay: 10 },
 *            next: [{ when: "<% succeeded() %>", publish: { image: "<% result().image %>" }, do: "tell" }],
 *          },
 *          tell: { action: "core.echo", input: { message: "Built <% ctx(image) %>" } },
 *        },
 *        output: { image: "<% ctx(image) %>" },
 *      });
 */
export function defineWorkflow<
  const Tasks extends Readonly<Record<string, TaskSpec>>,
  const Input extends InputShape | z.ZodObject = Readonly<Record<never, z.ZodType>>,
>(
  spec: Omit<WorkflowSpec, "tasks" | "input" | "secrets" | "on_cancel" | "on_failure"> & {
    readonly input?: Input;
    readonly secrets?: readonly InputNames<NoInfer<Input>>[];
    readonly tasks: Tasks & CheckedTasks<Tasks>;
    readonly on_cancel?: OneOrMore<keyof NoInfer<Tasks> & string>;
    readonly on_failure?: OneOrMore<keyof NoInfer<Tasks> & string>;
  },
): Workflow<Input> {
  const input = spec.input instanceof z.ZodObject ? spec.input : z.object((spec.input ?? {}) as z.core.$ZodLooseShape);
  return { [brand]: "workflow", spec, input };
}

/** Whether a value was made by `defineWorkflow`, of this or another copy of this package. */
export function isWorkflow(value: unknown): value is AnyWorkflow {
  return isBranded(value, "workflow");
}

type OneOrMore<Name extends string> = Name | readonly Name[];

type CheckedTasks<Tasks> = { readonly [Name in keyof Tasks]: CheckedTask<Tasks[Name], keyof Tasks & string> };
type CheckedTask<Task, Names extends string> = CheckedInput<Task> & {
  readonly next?: readonly (Omit<TransitionSpec, "do"> & { readonly do?: OneOrMore<Names | EngineCommand> })[];
};

/** An input is needed where the action needs one of its fields. */
type CheckedInput<Task> = Task extends { readonly action: infer Action }
  ? Record<never, never> extends InputOf<Action>
    ? { readonly input?: Given<Task, InputOf<Action>> }
    : { readonly input: Given<Task, InputOf<Action>> }
  : unknown;
type Given<Task, Fields> =
  | Expression
  | ({ readonly [Name in keyof Fields]: Fields[Name] | Expression } & {
      readonly [Name in Exclude<GivenNames<Task>, keyof Fields>]?: never;
    });
type GivenNames<Task> = Task extends { readonly input: infer Input } ? (Input extends string ? never : keyof Input) : never;
