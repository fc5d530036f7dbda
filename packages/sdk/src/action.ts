import { z } from "zod";
import { brand, isBranded } from "./brand.ts";
import type { AnyConfig, Config } from "./config.ts";
import type { ActionFile, Attach } from "./files.ts";
import type { PackKv } from "./kv.ts";
import type { Notify } from "./notify.ts";
import type { Policy } from "./policy.ts";

/** The fields of an action's input, by name. */
export type InputShape = Readonly<Record<string, z.ZodType>>;

type InputOf<Input extends InputShape | z.ZodObject> = Input extends z.ZodObject
  ? z.output<Input>
  : Input extends z.core.$ZodLooseShape
    ? z.output<z.ZodObject<Input>>
    : never;

/** What may be given for an action's input: what has a default may be left out. */
export type InputGiven<Input extends InputShape | z.ZodObject> = Input extends z.ZodObject
  ? z.input<Input>
  : Input extends z.core.$ZodLooseShape
    ? z.input<z.ZodObject<Input>>
    : never;

/** The names of an action's inputs: what an alias of it may have between `{{` and `}}`. */
export type InputNames<Input extends InputShape | z.ZodObject> =
  Input extends z.ZodObject<infer Shape> ? keyof Shape & string : keyof Input & string;

/** Writes to the run's log, which `bellhop runs tail` shows while it grows. Words stay constant, data goes into the fields, and secrets among them
 *  are masked: `log.info({ url, ms: 120 }, "deployed")`. */
export interface ActionLog {
  debug(fields: Record<string, unknown>, words: string): void;
  info(fields: Record<string, unknown>, words: string): void;
  warn(fields: Record<string, unknown>, words: string): void;
  error(fields: Record<string, unknown>, words: string): void;
}

/** What an action is given when it runs. */
export interface ActionCall<Input, Values = Record<string, unknown>> {
  /** Checked and complete with defaults. */
  readonly input: Input;
  /** The pack's configuration, or the instance of it that the command named. Typed and checked where the action names its {@link Config}. */
  readonly config: Readonly<Values>;
  /** What came with the command. It lies in a folder of this attempt, which goes when the action is over. */
  readonly files: readonly ActionFile[];
  /** Gives a file to the person who asked. */
  readonly attach: Attach;
  /** Values that outlive the run: those of the pack, and under `kv.system` those of the installation. */
  readonly kv: PackKv;
  readonly log: ActionLog;
  /** Aborted when the run is cancelled or its time is over. What ignores it is killed soon after. */
  readonly signal: AbortSignal;
}

/** Whether an attempt that had started when its runner was lost may be made again: always, never (the default), or when each input that is
 *  named has one of these values, e.g. `{ method: ["GET", "HEAD"] }`. */
export type Repeatable<Name extends string = string> = boolean | Readonly<Partial<Record<Name, readonly unknown[]>>>;

/** What {@link defineAction} takes. */
export interface ActionSpec<
  Input extends InputShape | z.ZodObject,
  Output extends z.ZodType,
  Fields extends InputShape | z.ZodObject = InputShape,
> {
  /** One line for people: help shows it. */
  readonly description: string;
  /** What it takes, by name: help shows what `.describe()` says of each. What people type is text, which becomes what the schema wants: `"3"` a
   *  number, `"yes"` a boolean, `"a,b"` a list. Must be representable as JSON Schema: transforms and refinements by function belong into `run`. */
  readonly input?: Input;
  /** What the pack's `config.ts` exports: then `run` is given its values typed. */
  readonly config?: Config<Fields>;
  /** What it gives back; checked after `run`, and an alias's reply is checked against it before anything runs. Without it, whatever is JSON. */
  readonly output?: Output;
  /** Default: never. */
  readonly repeatable?: Repeatable<InputNames<Input>>;
  /** Inputs that are sealed at intake and shown as `[secret]` everywhere. */
  readonly secrets?: readonly InputNames<Input>[];
  /** Seconds it may run; default 60. */
  readonly timeout?: number;
  /** Which runners carry it out; default `default`. */
  readonly pool?: string;
  /** What holds for all its runs: how many at once, how often, and again. */
  readonly policies?: readonly Policy<InputNames<Input>>[];
  /** Who is told of the end of its runs, and where. */
  readonly notify?: Notify;
  /** Whether it can be run; default `true`. */
  readonly enabled?: boolean;
  /** Does the work. What it throws ends the run as failed; throw {@link ActionFailed} to say why in your words and to keep a result. */
  run(call: ActionCall<InputOf<Input>, InputOf<Fields>>): z.input<Output> | Promise<z.input<Output>>;
}

/** An action, as `defineAction` makes it: the spec, its input as one schema, and a mark. */
export interface Action<
  Input extends InputShape | z.ZodObject = InputShape,
  Output extends z.ZodType = z.ZodType,
  Fields extends InputShape | z.ZodObject = InputShape,
> {
  readonly [brand]: "action";
  readonly spec: ActionSpec<Input, Output, Fields>;
  readonly input: z.ZodObject;
  readonly output: Output | undefined;
}

/** Any action, whatever it takes and gives. */
export interface AnyAction {
  readonly [brand]: "action";
  readonly input: z.ZodObject;
  readonly output: z.ZodType | undefined;
  readonly spec: {
    readonly description: string;
    readonly config?: AnyConfig;
    readonly repeatable?: Repeatable;
    readonly secrets?: readonly string[];
    readonly timeout?: number;
    readonly pool?: string;
    readonly policies?: readonly Policy[];
    readonly notify?: Notify;
    readonly enabled?: boolean;
    /** @param call.input what {@link AnyAction.input} gave */
    run(call: ActionCall<Record<string, unknown>>): unknown;
  };
}

/** Defines an action. Its name is that of the file, which exports it as default.
 *
 *      // actions/deploy.ts
 *      import { defineAction, z } from "@bellhop/sdk";
 *
 *      export default defineAction({
 *        description: "Deploy a service",
 *        input: { service: z.string().describe("Which one."), version: z.string().default("latest") },
 *        output: z.object({ url: z.url() }),
 *        timeout: 300,
 *        run: async ({ input, signal, log }) => {
 *          const url = `https://${input.service}.example.com`;
 *          await fetch(url, { method: "POST", body: input.version, signal });
 *          log.info({ url }, "deployed");
 *          return { url };
 *        },
 *      });
 */
export function defineAction<
  const Input extends InputShape | z.ZodObject = Readonly<Record<never, z.ZodType>>,
  Output extends z.ZodType = z.ZodUnknown,
  const Fields extends InputShape | z.ZodObject = InputShape,
>(spec: ActionSpec<Input, Output, Fields>): Action<Input, Output, Fields> {
  const input = spec.input instanceof z.ZodObject ? spec.input : z.object(spec.input ?? {});
  return { [brand]: "action", spec, input, output: spec.output };
}

/** Ends an action as failed, with a reason for the person who asked and, where there is one, the result so far: templates see it as they
 *  see that of a success.
 *
 *      import { ActionFailed } from "@bellhop/sdk";
 *
 *      export async function read(url: string): Promise<string> {
 *        const answer = await fetch(url);
 *        const { ok, status } = answer;
 *        if (!ok) throw new ActionFailed(`The API said ${status}.`, { result: { status }, hint: "Try again in a minute." });
 *        return await answer.text();
 *      }
 *
 *  @param message what happened, for the person who asked
 *  @param details.result what templates and `runs show` see of it, as JSON
 *  @param details.hint what this person can do about it
 *  @param details.cause what was thrown: kept for whoever debugs, shown to nobody */
export class ActionFailed extends Error {
  readonly [brand] = "failed";
  readonly result: unknown;
  readonly hint: string | undefined;

  constructor(message: string, details: { result?: unknown; hint?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ActionFailed";
    this.result = details.result;
    this.hint = details.hint;
  }
}

/** Whether a value was made by `defineAction`, of this or another copy of this package. */
export function isAction(value: unknown): value is AnyAction {
  return isBranded(value, "action");
}

/** The same question for {@link ActionFailed}. */
export function isActionFailed(value: unknown): value is ActionFailed {
  return value instanceof Error && isBranded(value, "failed");
}
