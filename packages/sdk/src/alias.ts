import type { z } from "zod";
import type { AnyAction, InputGiven, InputNames, InputShape } from "./action.ts";
import { brand, isBranded } from "./brand.ts";
import type { Config } from "./config.ts";
import type { FormatFault, TemplateFault } from "./template.ts";
import type { AnyWorkflow } from "./workflow.ts";

/** A format of an alias: what people type, with `{{ name }}` or `{{ name = default }}` for each parameter. The long form sets what help
 *  shows apart from what is matched. */
export type Format =
  | string
  | { readonly display?: string; readonly representation: string | readonly string[]; readonly matchMultiple?: boolean };

/** An alias as data. {@link defineAlias} takes the same, checked against its action. */
export interface AliasSpec {
  /** An action or a workflow of this pack, imported from its file, or the ref of any action: `core.local`. */
  readonly action: AnyAction | AnyWorkflow | string;
  /** What people type. At least one. */
  readonly formats: readonly Format[];
  /** One line for people: help shows it. */
  readonly description?: string;
  /** What is answered when the run ends: `{{ result.url }}`, `{{ execution.status }}`, `{{ asker.mention }}`. `false`: nothing. Absent: a plain wording. */
  readonly reply?: string | false;
  /** What is shown beside the reply: cards, by platform or for all. */
  readonly extra?: Extra;
  /** What is shown when the answer takes a while, and goes when it is there. Absent: a reaction. `false`: nothing. */
  readonly ack?: false | Ack;
  /** Only who asked sees the reply. */
  readonly whisper?: boolean;
  /** Whether chats show what the action prints while it works. Absent: as the installation has it, for commands whose reply is not worded here. */
  readonly live?: boolean;
  /** Values that the person who types can't change. */
  readonly immutable?: Readonly<Record<string, unknown>>;
  /** The instance of the pack's configuration that its runs are given; the person who types can't name another. */
  readonly config?: string;
  /** Whether it is listened to; default `true`. */
  readonly enabled?: boolean;
}

/** A part of a reply that is set apart. Texts are CommonMark, and all of them templates. */
export interface CardSpec {
  /** `#2eb67d`, `good`, `warning` or `danger`. */
  readonly color?: string;
  readonly author?: { readonly name: string; readonly url?: string; readonly icon?: string };
  readonly title?: string;
  /** Where the title leads. */
  readonly url?: string;
  readonly text?: string;
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly short?: boolean }[];
  /** Addresses of pictures. */
  readonly image?: string;
  readonly thumbnail?: string;
  readonly footer?: string;
}

/** What is shown beside words. A platform shows what is said for it, else `cards`, else what is said for another. */
export interface Extra {
  readonly cards?: readonly CardSpec[];
  /** For cards that have no colour of their own. */
  readonly color?: string;
  /** As Slack has it: `attachments`, or `blocks`, which stand for the words there. */
  readonly slack?: { readonly attachments?: readonly object[]; readonly blocks?: readonly object[]; readonly text?: string };
  /** As Discord has it. */
  readonly discord?: { readonly embeds: readonly object[] };
}

/** How a command is acknowledged. */
export interface Ack {
  /** Words: then it is a message, unless `as` says otherwise. */
  readonly format?: string;
  /** Default: a message where there are words, else a reaction. */
  readonly as?: "reaction" | "typing" | "message";
  readonly extra?: Extra;
}

/** An alias, as `defineAlias` makes it. */
export interface Alias {
  readonly [brand]: "alias";
  readonly spec: AliasSpec;
}
/** Any alias, whatever its action is. */
export type AnyAlias = Alias;

/** Defines an alias. Its name is that of the file, which exports it as default. What can't work does not compile, and the message says what
 *  there is instead: a name between `{{` and `}}` of a format that is no input of the action, a fixed value of another type than its input,
 *  and a reply that asks for a field which the action's output has not. Where an action has no `output`, a reply may ask for anything.
 *
 *      // aliases/deploy.ts; the action would be imported: import deploy from "../actions/deploy.ts";
 *      import { defineAction, defineAlias, z } from "@bellhop/sdk";
 *
 *      const deploy = defineAction({
 *        description: "Deploy a service",
 *        input: { service: z.string(), version: z.string().default("latest") },
 *        output: z.object({ url: z.url() }),
 *        run: ({ input }) => ({ url: `https://${input.service}.example.com` }),
 *      });
 *
 *      export default defineAlias({
 *        action: deploy,
 *        formats: ["deploy {{ service }}", "deploy {{ service }} at {{ version = latest }}"],
 *        reply: "Deployed: {{ result.url }}",
 *        ack: { format: "On it, {{ asker.name }}." },
 *      });
 *
 *  A reply sees the action's output as `result`; as `execution`, StackStorm's name for a run: `id`, `status`, `result`, `parameters`,
 *  `action.ref`, `start_timestamp`, `end_timestamp`, `elapsed_seconds`, `context.user`; and who asked: `asker.name`, `asker.mention`. Steps are
 *  `.name`, `[0]`, `['odd name']`; what is missing shows nothing. */
export function defineAlias<
  const A extends AnyAction | AnyWorkflow | string,
  const F extends readonly Format[],
  const R extends string | false = string | false,
  const W extends string = string,
>(spec: {
  readonly action: A;
  readonly formats: { readonly [Index in keyof F]: CheckedFormat<F[Index], NamesOf<A>> };
  readonly description?: string;
  readonly reply?: R extends string ? CheckedWords<R, ReplySight<A>> : R;
  readonly extra?: Extra;
  readonly ack?: false | (Omit<Ack, "format"> & { readonly format?: CheckedWords<W, AckSight<A>> });
  readonly whisper?: boolean;
  readonly live?: boolean;
  readonly immutable?: Readonly<Partial<InputOf<A>>>;
  readonly config?: string;
  readonly enabled?: boolean;
}): Alias {
  return { [brand]: "alias", spec: spec as AliasSpec };
}

/** Whether a value was made by `defineAlias`, of this or another copy of this package. */
export function isAlias(value: unknown): value is AnyAlias {
  return isBranded(value, "alias");
}

type ShapeOf<A> = A extends { readonly spec: { readonly input?: infer Input } }
  ? NonNullable<Input> extends InputShape | z.ZodObject
    ? NonNullable<Input>
    : unknown
  : unknown;
type NamesOf<A> = ShapeOf<A> extends infer Input extends InputShape | z.ZodObject ? InputNames<Input> | InstanceWord<A> : string;
/** An action that takes the pack's configuration lets a command name an instance of it. */
type InstanceWord<A> = A extends { readonly spec: { readonly config?: Config<infer Fields> } }
  ? string extends keyof Fields
    ? never
    : "config"
  : never;
/** What an action may be given; of one that is only named, anything. */
export type InputOf<A> = ShapeOf<A> extends infer Input extends InputShape | z.ZodObject ? InputGiven<Input> : Record<string, unknown>;
type OutputOf<A> = A extends { readonly output: infer Output }
  ? NonNullable<Output> extends z.ZodType
    ? z.output<NonNullable<Output>>
    : unknown
  : unknown;

type CheckedFormat<F, Names extends string> = string extends Names
  ? F
  : F extends string
    ? CheckedText<F, Names>
    : F extends { readonly representation: infer Texts }
      ? Omit<F, "representation" | "display"> & { readonly representation: CheckedTexts<Texts, Names> } & CheckedDisplay<F, Names>
      : F;
type CheckedDisplay<F, Names extends string> = F extends { readonly display: infer Text extends string }
  ? { readonly display: CheckedText<Text, Names> }
  : unknown;
type CheckedTexts<Texts, Names extends string> = Texts extends string
  ? CheckedText<Texts, Names>
  : { readonly [Index in keyof Texts]: Texts[Index] extends string ? CheckedText<Texts[Index], Names> : Texts[Index] };
type CheckedText<Text extends string, Names extends string> = [FormatFault<Text, Names>] extends [never] ? Text : FormatFault<Text, Names>;

type CheckedWords<Text extends string, Sight> = [TemplateFault<Text, Sight>] extends [never] ? Text : TemplateFault<Text, Sight>;

/** What the words of an acknowledgement see. */
interface AckSight<A> {
  readonly asker: { readonly name: string; readonly mention: string };
  readonly execution: Execution<A>;
}
/** What a reply sees: the result as well. */
interface ReplySight<A> {
  readonly asker: AckSight<A>["asker"];
  readonly execution: Execution<A> & { readonly result: OutputOf<A>; readonly end_timestamp: string; readonly elapsed_seconds: number };
  readonly result: OutputOf<A>;
}
/** A run, by StackStorm's names. */
interface Execution<A> {
  readonly id: string;
  readonly status: string;
  readonly action: { readonly ref: string; readonly pack: string; readonly name: string };
  readonly parameters: InputOf<A>;
  readonly start_timestamp: string;
  readonly context: { readonly user: string };
}
