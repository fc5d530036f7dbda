import type { Budget } from "../budget.ts";
import type { Mapping } from "../value/kinds.ts";
import type { Node } from "./parse.ts";
import type { Scope } from "./scope.ts";
import { typeOf, type Type } from "./types.ts";

export interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly required: boolean;
  /** Undefined: left out is something else than null. */
  readonly default: unknown;
}

/** A function of the library, in one of its forms. */
export interface Form {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly rest: Type | undefined;
  readonly named: Type | undefined;
  /** Takes `a => b` as a value, not as a named argument. */
  readonly plain: boolean;
  readonly run: Run;
}

/** What a function is given beside its arguments. */
export interface Call {
  readonly budget: Budget;
  /** Names that this call may set. */
  readonly scope: Scope;
  readonly receiver: unknown;
  readonly host: Host;
  /** What named arguments beyond the parameters were given. */
  readonly named: Readonly<Record<string, unknown>>;
  readonly operate: (operator: string, left: unknown, right: unknown) => unknown;
  readonly callByName: (name: string, args: readonly unknown[], named: Readonly<Record<string, unknown>>, receiver: unknown) => unknown;
  /** Evaluates a lambda with the names of a scope, and nothing else. */
  readonly within: (scope: Scope, lambda: Lambda) => unknown;
}

/** What surrounds an evaluation. */
export interface Host {
  /** What expressions see. */
  readonly variables: Mapping;
  /** With what is the engine's own: names that begin with two underscores. */
  readonly all: Mapping;
  /** Of a task on a route, where the caller knows it; otherwise it stands in `all`. */
  readonly status: ((task: string, route: number) => string | undefined) | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly functions: Readonly<Record<string, HostFunction>>;
}

/** A function that the caller brings: `st2kv`, `task`. */
export type HostFunction = (args: readonly unknown[], named: Readonly<Record<string, unknown>>) => unknown;

/** Undefined where the parameter was left out. */
export type Lambda = ((...args: readonly unknown[]) => unknown) & { readonly node?: Node };

/** Arguments are held against the signature before, which a compiler can't read: a method's parameters may be narrower than what it is given. */
export type Run = { run(call: Call, ...args: readonly unknown[]): unknown }["run"];

export interface Library {
  readonly functions: ReadonlyMap<string, readonly Form[]>;
  readonly methods: ReadonlyMap<string, readonly Form[]>;
}

/** `name(a:text, b:int=0, *rest:any, **named:any)`; before it `method`, `both` or nothing, and `plain`. */
export type Table = Readonly<Record<string, Run>>;

export function library(tables: readonly Table[]): Library {
  const functions = new Map<string, Form[]>();
  const methods = new Map<string, Form[]>();
  for (const [signature, run] of tables.flatMap((table) => Object.entries(table))) {
    const { form, words } = formOf(signature, run);
    if (!words.includes("method")) list(functions, form);
    if (words.includes("method") || words.includes("both")) list(methods, form);
  }
  return { functions, methods };
}

function list(forms: Map<string, Form[]>, form: Form): void {
  const known = forms.get(form.name);
  if (known === undefined) forms.set(form.name, [form]);
  else known.push(form);
}

function formOf(signature: string, run: Run): { form: Form; words: string[] } {
  const read = /^((?:method |both |plain )*)([\w#]+)\((.*)\)$/.exec(signature);
  if (read === null) throw new Error(`not a signature: ${signature}`);
  const [, before = "", name = "", inside = ""] = read;
  const words = before.trim().split(" ");
  const parameters: Parameter[] = [];
  let rest: Type | undefined;
  let named: Type | undefined;
  for (const part of inside.split(", ").filter(Boolean)) {
    const [, stars = "", parameter = "", type = "any?", given] = /^(\*{0,2})(\w+)(?::([\w?]+))?(?:=(.*))?$/.exec(part) ?? [];
    if (stars === "**") named = typeOf(type);
    else if (stars === "*") rest = typeOf(type);
    else
      parameters.push({
        name: parameter,
        type: typeOf(type),
        required: given === undefined,
        default: given === undefined || given === "" ? undefined : JSON.parse(given),
      });
  }
  return { form: { name, parameters, rest, named, plain: words.includes("plain"), run }, words };
}
