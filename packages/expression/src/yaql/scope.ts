import { Fault } from "../error.ts";

/** Names within names: each call has its own, and sees those around it. */
export class Scope {
  readonly #around: Scope | undefined;
  /** `$1`, which most lambdas have and nothing else. */
  #first: unknown;
  #values: Map<string, unknown> | undefined;
  #functions: Map<string, Defined> | undefined;

  constructor(around?: Scope) {
    this.#around = around;
  }

  /** `$` is `$1`. What nobody set is null. */
  get(name: string): unknown {
    const full = named(name);
    return Scope.#found(this, (scope) => (full === "1" ? scope.#first : scope.#values?.get(full))) ?? null;
  }

  set(name: string, value: unknown): void {
    const full = named(name);
    if (full === "1") this.#first = value ?? null;
    else (this.#values ??= new Map()).set(full, value ?? null);
  }

  function(name: string): Defined | undefined {
    return Scope.#found(this, (scope) => scope.#functions?.get(name));
  }

  define(name: string, run: Defined): void {
    if (name === "") throw new Fault("ValueError", "a function needs a name");
    this.#functions ??= new Map();
    this.#functions.set(name, run);
  }

  static #found<Value>(from: Scope, read: (scope: Scope) => Value | undefined): Value | undefined {
    for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.#around) {
      const value = read(scope);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** What `def` made of an expression. */
type Defined = (args: readonly unknown[], named: Readonly<Record<string, unknown>>) => unknown;

const dollar = 36;

/** `$1` and `1` are one name, and `$` is it too. */
function named(name: string): string {
  if (name === "$" || name === "") return "1";
  return name.charCodeAt(0) === dollar ? name.slice(1) : name;
}
