import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { typeName } from "../value/equal.ts";
import { isMapping } from "../value/kinds.ts";
import { View } from "../value/view.ts";

/** What filters, methods and functions may ask of the evaluation they are part of. */
export interface Evaluation {
  readonly budget: Budget;
  /** Using what is not there is an error; else it is empty. */
  readonly strict: boolean;
  /** What stands in something that is not there is not there either. */
  readonly chained: boolean;
  call(callee: unknown, given: Arguments): unknown;
  /** Something that is not there, and why.
   *  @param type of the error that using it is, where that is another than usual */
  undefined(reason: string, type?: string): Undefined;
  /** `value.name` */
  attribute(value: unknown, name: string): unknown;
  /** `value[index]` */
  item(value: unknown, index: unknown): unknown;
  filter(name: string, value: unknown, given: Arguments): unknown;
  test(name: string, value: unknown, given: Arguments): boolean;
  /** Called before a list or dict is changed in place: what came in from outside is never changed. */
  change(): void;
}

/** The arguments of one call. */
export class Arguments {
  readonly list: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;

  constructor(list: readonly unknown[] = [], named: ReadonlyMap<string, unknown> = new Map()) {
    this.list = list;
    this.named = named;
  }

  /** The values for these parameters, in order; undefined where none was given. Those marked with `!` have to be given.
   *  @throws {Fault} TypeError as Python's */
  bind(callee: string, ...parameters: readonly string[]): unknown[] {
    const names = parameters.map((parameter) => parameter.replace("!", ""));
    if (this.list.length > names.length) {
      throw new Fault("TypeError", `${callee}() takes at most ${names.length} arguments (${this.list.length} given)`);
    }
    const values: unknown[] = Array.from(names, (_, index) => this.list[index]);
    for (const [name, value] of this.named) {
      const index = names.indexOf(name);
      if (index === -1) throw new Fault("TypeError", `${callee}() got an unexpected keyword argument '${name}'`);
      if (index < this.list.length) throw new Fault("TypeError", `${callee}() got multiple values for argument '${name}'`);
      values[index] = value;
    }
    const missing = parameters.find((parameter, index) => parameter.endsWith("!") && values[index] === undefined);
    if (missing !== undefined) throw new Fault("TypeError", `${callee}() missing required argument: '${missing.slice(0, -1)}'`);
    return values;
  }
}

export const noArguments = new Arguments();

/** A method of a value: `text.upper()`. */
export type Method<Self> = (self: Self, given: Arguments, evaluation: Evaluation) => unknown;

/** Something in a table of filters, tests or methods that takes no arguments, and says so. */
export function alone<Self, Result>(
  name: string,
  make: (self: Self, evaluation: Evaluation) => Result,
): [string, (self: Self, given: Arguments, evaluation: Evaluation) => Result] {
  return [
    name,
    (self, given, evaluation) => {
      if (given !== noArguments) given.bind(name);
      return make(self, evaluation);
    },
  ];
}

/** A name, key or element that is not there. Only `is defined` and `default` may touch it; with `lenient` it is also empty text. */
export class Undefined {
  readonly reason: string;
  readonly lenient: boolean;
  readonly type: string;
  /** Where it was asked for, which may be long before it is used. */
  readonly at: number;

  constructor({ reason, lenient, at, type = "UndefinedError" }: { reason: string; lenient: boolean; at: number; type?: string }) {
    this.reason = reason;
    this.lenient = lenient;
    this.type = type;
    this.at = at;
  }

  fail(): never {
    throw new NotThere(this);
  }

  /** What a lenient one allows. */
  touch(): void {
    if (!this.lenient) this.fail();
  }
}

/** The use of what is not there. */
export class NotThere extends Fault {
  readonly at: number;

  constructor({ type, reason, at }: Undefined) {
    super(type, reason);
    this.at = at;
  }
}

/** Anything that can be called: built-in functions, methods of values, macros. */
export class Callable {
  readonly name: string;
  readonly type: "builtin_function_or_method" | "function" | "type" | "Macro";
  readonly shown: string;
  readonly call: (given: Arguments, evaluation: Evaluation) => unknown;
  readonly attributes: ReadonlyMap<string, unknown>;

  constructor(about: {
    name: string;
    type?: Callable["type"];
    shown?: string;
    call: Callable["call"];
    attributes?: ReadonlyMap<string, unknown>;
  }) {
    this.name = about.name;
    this.type = about.type ?? "builtin_function_or_method";
    this.shown = about.shown ?? `<built-in function ${about.name}>`;
    this.call = about.call;
    this.attributes = about.attributes ?? new Map();
  }
}

export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;

  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }
}

/** What `map`, `select` and the like make: gone through once, each item made when it is asked for. */
export class Generator {
  readonly name: string;
  readonly items: Iterator<unknown>;

  constructor(name: string, items: Iterator<unknown>) {
    this.name = name;
    this.items = items;
  }
}

/** Something with a few attributes: `namespace()`, `loop`, `cycler()`. */
export class Thing {
  readonly type: string;
  readonly attribute: (name: string) => unknown;
  /** For `{% set ns.name = … %}`; undefined where nothing can be set. */
  readonly assign: ((name: string, value: unknown) => void) | undefined;
  readonly call: Callable["call"] | undefined;
  readonly shown: () => string;

  constructor(about: {
    type: string;
    attribute: Thing["attribute"];
    assign?: Thing["assign"];
    call?: Callable["call"];
    shown?: () => string;
  }) {
    this.type = about.type;
    this.attribute = about.attribute;
    this.assign = about.assign;
    this.call = about.call;
    this.shown = about.shown ?? (() => `<${about.type} object>`);
  }
}

/** A pair that `groupby` makes: a tuple whose parts have names. */
export class Group extends Array<unknown> {}

/** As Python calls its class. */
export function classOf(value: unknown): string {
  if (value instanceof Callable) return value.type;
  if (value instanceof View) return `dict_${value.of}`;
  if (value instanceof Range) return "range";
  if (value instanceof Generator) return "generator";
  if (value instanceof Thing) return value.type;
  if (value instanceof Undefined) return value.lenient ? "Undefined" : "StrictUndefined";
  if (value instanceof Group) return "_GroupTuple";
  return typeName(value);
}

/** As Jinja says it in its errors. */
export function objectName(value: unknown): string {
  if (value === null || value === undefined) return "None";
  return isMapping(value) ? "dict object" : `${classOf(value)} object`;
}
