import type { Budget } from "../budget.ts";
import { Dict, entriesOf, isObject, isSequence, Tuple } from "../value/kinds.ts";
import { type Arguments, Callable, type Evaluation } from "./objects.ts";
import { tuple } from "./operations.ts";
import { outgoing } from "./outgoing.ts";

/** A function of the surroundings: plain values in, a plain value out. */
export type HostFunction = (args: readonly unknown[], named: ReadonlyMap<string, unknown>, budget: Budget) => unknown;

/** What a template sees. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, unknown>>;
  /** By name; a variable of the same name hides it. */
  readonly functions?: ReadonlyMap<string, HostFunction>;
  /** Beside Jinja's own, and before them. The first argument is the value filtered. */
  readonly filters?: ReadonlyMap<string, HostFunction>;
  /** Using what is not there is an error. Default true. */
  readonly strict?: boolean;
  /** Where it is not: what stands in something that is not there is not there either, and no error. */
  readonly chained?: boolean;
  readonly budget?: Budget;
  /** What is printed instead of a text: itself, or what it stands for. */
  readonly again?: (text: string) => unknown;
}

/** Something was to be changed, and values are not copies. */
export class WantsCopies extends Error {}

/** What comes into a template from outside, and what goes out to it. */
export class Outside {
  readonly #surroundings: Surroundings;
  readonly #evaluation: Evaluation;
  readonly #copies: boolean;
  readonly #copied = new Map<unknown, unknown>();
  readonly #functions = new Map<string, Callable>();

  constructor(surroundings: Surroundings, { copies, evaluation }: { copies: boolean; evaluation: Evaluation }) {
    this.#surroundings = surroundings;
    this.#evaluation = evaluation;
    this.#copies = copies;
  }

  /** A variable or a function; undefined where there is neither. */
  name(name: string): unknown {
    const { variables, functions } = this.#surroundings;
    if (Object.hasOwn(variables, name)) return this.#from(variables[name] ?? null);
    const host = functions?.get(name);
    return host === undefined ? undefined : this.#function(name, host);
  }

  filter(name: string): HostFunction | undefined {
    return this.#surroundings.filters?.get(name);
  }

  call(host: HostFunction, { list, named }: Arguments): unknown {
    const out = (value: unknown): unknown => outgoing(value, this.#evaluation);
    const names = new Map(Array.from(named, ([name, value]) => [name, out(value)]));
    return this.#from(host(list.map(out), names, this.#evaluation.budget));
  }

  /** @throws WantsCopies */
  change(): void {
    if (!this.#copies) throw new WantsCopies();
  }

  #function(name: string, host: HostFunction): Callable {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const made = new Callable({ name, type: "function", shown: `<function ${name}>`, call: (given) => this.call(host, given) });
    this.#functions.set(name, made);
    return made;
  }

  /** A value as it is, or where something is changed a copy of it, always the same one. */
  #from(value: unknown): unknown {
    if (!this.#copies || typeof value !== "object" || value === null) return value;
    const known = this.#copied.get(value);
    if (known !== undefined) return known;
    const { budget } = this.#evaluation;
    budget.enter();
    const copy = this.#copy(value);
    this.#copied.set(value, copy);
    budget.leave();
    return copy;
  }

  #copy(value: unknown): unknown {
    if (isSequence(value)) {
      this.#evaluation.budget.size(value.length);
      const items = value.map((item) => this.#from(item));
      return value instanceof Tuple ? tuple(items) : items;
    }
    if (value instanceof Dict || isObject(value)) {
      return new Dict(Array.from(entriesOf(value), ([key, inner]) => [key, this.#from(inner)] as const));
    }
    return value;
  }
}
