import type { Action, AnyAction, InputNames, InputShape } from "./action.ts";
import { brand, isBranded } from "./brand.ts";
import type { z } from "zod";

/** A format of an alias: what people type, with `{{ name }}` or `{{ name = default }}` for each parameter. The long form sets what help
 *  shows apart from what is matched. */
export type Format =
  | string
  | { readonly display?: string; readonly representation: string | readonly string[]; readonly matchMultiple?: boolean };

export interface AliasSpec {
  /** An action of this pack, imported from its file, or the ref of any action: `core.local`. */
  readonly action: AnyAction | string;
  readonly formats: readonly Format[];
  readonly description?: string;
  /** What is answered when the run ends: `{{ result.url }}`, `{{ execution.status }}`, `{{ asker.mention }}`. `false`: nothing. Absent: a plain wording. */
  readonly reply?: string | false;
  /** What is shown when the answer takes a while, and goes when it is there. Absent: a reaction. `false`: nothing. */
  readonly ack?: false | Ack;
  /** Only who asked sees the reply. */
  readonly whisper?: boolean;
  /** Whether chats show what the action prints while it works. Absent: as the installation has it, for commands whose reply is not worded here. */
  readonly live?: boolean;
  /** Values that the person who types can't change. */
  readonly immutable?: Readonly<Record<string, unknown>>;
  readonly enabled?: boolean;
}

/** How a command is acknowledged. */
export interface Ack {
  /** Words: then it is a message, unless `as` says otherwise. */
  readonly format?: string;
  /** Default: a message where there are words, else a reaction. */
  readonly as?: "reaction" | "typing" | "message";
}

export interface Alias {
  readonly [brand]: "alias";
  readonly spec: AliasSpec;
}
export type AnyAlias = Alias;

/** Defines an alias. Its name is that of the file, which exports it as default. A name between `{{` and `}}` that is no input of the
 *  action does not compile, and neither does a reply that starts with anything but `result`, `execution` or `asker`.
 *
 *      export default defineAlias({ action: deploy, formats: ["deploy {{ service }}"], reply: "Deployed: {{ result.url }}" });
 */
export function defineAlias<
  const A extends AnyAction | string,
  const F extends readonly Format[],
  const R extends string | false = string | false,
>(spec: {
  readonly action: A;
  readonly formats: { readonly [Index in keyof F]: CheckedFormat<F[Index], NamesOf<A>> } & F;
  readonly description?: string;
  readonly reply?: CheckedReply<R> & R;
  readonly ack?: false | Ack;
  readonly whisper?: boolean;
  readonly live?: boolean;
  readonly immutable?: Readonly<Partial<Record<NamesOf<A>, unknown>>>;
  readonly enabled?: boolean;
}): Alias {
  return { [brand]: "alias", spec: spec as AliasSpec };
}

/** Whether a value was made by `defineAlias`, of this or another copy of this package. */
export function isAlias(value: unknown): value is AnyAlias {
  return isBranded(value, "alias");
}

type NamesOf<A> = A extends Action<infer Input extends InputShape | z.ZodObject, z.ZodType> ? InputNames<Input> : string;

type Trim<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trim<Rest> : Text;
type NameIn<Inner extends string> = Trim<Inner extends `${infer Name}=${string}` ? Name : Inner>;
type Placeholders<Text extends string> = Text extends `${string}{{${infer Inner}}}${infer Rest}`
  ? NameIn<Inner> | Placeholders<Rest>
  : never;

type CheckedText<Text extends string, Names extends string> = [Exclude<Placeholders<Text>, Names>] extends [never]
  ? Text
  : `{{ ${Exclude<Placeholders<Text>, Names>} }} is no input of the action; there are: ${Names}`;
type CheckedFormat<F, Names extends string> = string extends Names
  ? F
  : F extends string
    ? CheckedText<F, Names>
    : F extends { readonly representation: infer Texts }
      ? Omit<F, "representation"> & { readonly representation: CheckedTexts<Texts, Names> }
      : F;
type CheckedTexts<Texts, Names extends string> = Texts extends string
  ? CheckedText<Texts, Names>
  : { readonly [Index in keyof Texts]: Texts[Index] extends string ? CheckedText<Texts[Index], Names> : Texts[Index] };

type ReplyNames = "result" | "execution" | "asker";
type FirstStep<Path extends string> = Path extends `${infer First}.${string}` ? Trim<First> : Path;
type CheckedReply<Text> = Text extends string
  ? [Exclude<FirstStep<Placeholders<Text>>, ReplyNames>] extends [never]
    ? Text
    : `{{ ${Exclude<FirstStep<Placeholders<Text>>, ReplyNames>} }}: a reply sees \`result\`, \`execution\` and \`asker\` only`
  : Text;
