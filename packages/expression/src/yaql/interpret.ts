import type { Budget } from "../budget.ts";
import { Fault } from "../error.ts";
import { truth } from "../value/equal.ts";
import { Dict, getKey, isMapping } from "../value/kinds.ts";
import { property } from "./library/dates.ts";
import { type CallNode, type Given, meantOf, planOf, type Receiver, separate, unfit, unknownName } from "./forms.ts";
import { everything } from "./library/index.ts";
import { index, operate, unary } from "./operators.ts";
import type { Node } from "./parse.ts";
import { Scope } from "./scope.ts";
import type { Call, Form, Host, Lambda } from "./signature.ts";
import type { Type } from "./types.ts";
import { each, isIterable, mapped, Names, noMatch, Rule } from "./values.ts";

/** Evaluates nodes; what they make stays inside until output.ts lets it out. */
export class Machine {
  readonly host: Host;
  readonly budget: Budget;
  /** Where that stands which was worked on last, from 0. */
  at = 0;

  constructor({ host, budget }: { readonly host: Host; readonly budget: Budget }) {
    this.host = host;
    this.budget = budget;
  }

  value(node: Node, scope: Scope): unknown {
    switch (node.kind) {
      case "constant":
        return node.value;
      case "variable":
        return scope.get(node.name);
      case "wrap":
        return this.value(node.inner, scope);
      case "mapping":
        return new Rule(this.value(node.source, scope), this.value(node.destination, scope));
      case "call":
        this.budget.spend();
        this.budget.enter();
        try {
          return this.#call(node, scope);
        } finally {
          this.budget.leave();
        }
    }
  }

  #call(node: CallNode, scope: Scope): unknown {
    const { name, args } = node;
    if (node.receives) return this.#named(node, scope, undefined);
    const left = args[0];
    const right = args[1];
    switch (name) {
      case "#list":
        return this.#list(args, scope);
      case "#map":
        return this.#map(args, scope);
      case "#indexer": {
        const [value, given] = this.#keys(args, scope);
        this.at = node.at;
        return index(value, given);
      }
      case "#unary_operator_not":
        return !truth(this.#argument(left, scope));
      case "#unary_operator_+":
      case "#unary_operator_-": {
        const value = this.#argument(left, scope);
        this.at = node.at;
        return unary(name, value);
      }
      case "#operator_and": {
        const value = this.#argument(left, scope);
        return truth(value) ? this.#argument(right, scope) : value;
      }
      case "#operator_or": {
        const value = this.#argument(left, scope);
        return truth(value) ? value : this.#argument(right, scope);
      }
      case "#operator_.":
        return this.#member(this.#argument(left, scope), right, scope);
      case "#operator_?.": {
        const receiver = this.#argument(left, scope);
        return receiver === null ? null : this.#member(receiver, right, scope);
      }
      case "#operator_->": {
        const names = this.#argument(left, scope);
        if (!(names instanceof Names)) throw noMatch(name);
        return this.#argument(right, new Scope(names.scope));
      }
      default: {
        const first = this.#argument(left, scope);
        const second = this.#argument(right, scope);
        this.at = node.at;
        return operate(name, first, second, this.budget);
      }
    }
  }

  #argument(node: Node | undefined, scope: Scope): unknown {
    return node === undefined ? null : this.value(node, scope);
  }

  #list(args: readonly (Node | undefined)[], scope: Scope): unknown {
    if (args.some((arg) => arg === undefined || arg.kind === "mapping")) throw noMatch("#list");
    this.budget.spend(args.length);
    return args.map((arg) => this.#argument(arg, scope));
  }

  #map(args: readonly (Node | undefined)[], scope: Scope): unknown {
    const made = new Dict();
    for (const arg of args) {
      if (arg?.kind !== "mapping") {
        const value = this.#argument(arg, scope);
        if (!(value instanceof Rule)) throw noMatch("#map");
        made.set(value.source, value.destination);
        continue;
      }
      this.budget.spend();
      made.set(this.value(arg.source, scope), this.value(arg.destination, scope));
    }
    return made;
  }

  #keys([collection, ...keys]: readonly (Node | undefined)[], scope: Scope): [unknown, unknown[]] {
    const names = ["key", "default"];
    const given: unknown[] = [];
    const value = this.#argument(collection, scope);
    for (const [place, key] of keys.entries()) {
      const named = key?.kind === "mapping" && key.source.kind === "constant" && key.source.word ? String(key.source.value) : undefined;
      if (named !== undefined && named !== names[place] && !(named === "index" && place === 0)) throw noMatch("#indexer");
      given.push(named === undefined || key?.kind !== "mapping" ? this.#argument(key, scope) : this.value(key.destination, scope));
    }
    return [value, given];
  }

  /** What stands behind a dot: a key, a property, or a method. */
  #member(receiver: unknown, member: Node | undefined, scope: Scope): unknown {
    if (member?.kind === "call" && member.receives) return this.#named(member, scope, { value: receiver });
    if (member !== undefined) this.at = member.at;
    if (member?.kind !== "constant" || !member.word || typeof member.value !== "string") throw noMatch("#operator_.");
    return this.#attribute(receiver, member.value);
  }

  #attribute(receiver: unknown, key: string): unknown {
    if (isMapping(receiver)) {
      const value = getKey(receiver, key);
      if (value === undefined) throw new Fault("KeyError", key);
      return value;
    }
    if (isIterable(receiver)) {
      return mapped(each(receiver, this.budget), (item) => this.#attribute(item, key));
    }
    return property(receiver, key);
  }

  #named(node: CallNode, scope: Scope, receiver: Receiver | undefined): unknown {
    const defined = receiver === undefined ? scope.function(node.name) : undefined;
    if (defined !== undefined) {
      const { placed, named } = separate(node);
      const values = placed.map((arg) => this.#argument(arg, scope));
      return defined(values, Object.fromEntries(Array.from(named, ([name, arg]) => [name, this.value(arg, scope)])));
    }
    const plan = planOf(node, receiver !== undefined);
    this.at = node.at;
    if (plan.forms === undefined) throw unknownName(node.name, receiver);
    const [first] = plan.forms;
    if (first === undefined) throw unfit(node.name, receiver);
    const values: unknown[] = receiver === undefined ? [] : [receiver.value];
    for (let place = 0; place < plan.placed.length; place += 1) {
      const arg = plan.placed[place];
      values.push(arg === undefined || plan.lazy.has(place) ? arg : this.value(arg, scope));
    }
    let named = unnamed;
    if (plan.named.size > 0) {
      named = new Map(Array.from(plan.named, ([name, arg]) => [name, plan.lazy.has(name) ? arg : this.value(arg, scope)]));
    }
    this.at = node.at;
    return this.#invoke(node.name, plan.forms, { values, named, scope, receiver, evaluated: false });
  }

  #invoke(name: string, forms: readonly Form[], given: Given): unknown {
    const form = meantOf(name, forms, given);
    const { values, named, scope, receiver, evaluated } = given;
    const inner = new Scope(scope);
    const hand = (type: Type, value: unknown) =>
      type.lazy === undefined ? value : evaluated ? constant(value) : this.#lazy(type, value as Node, inner);
    const args: unknown[] = form.parameters.map((parameter, place) => {
      const value = values[place] ?? (place < values.length && values[place] === null ? null : undefined);
      if (value !== undefined) return hand(parameter.type, value);
      const byName = named.get(parameter.name);
      if (byName !== undefined) return hand(parameter.type, byName);
      return parameter.default;
    });
    const rest = form.rest;
    if (rest !== undefined) for (const value of values.slice(form.parameters.length)) args.push(hand(rest, value ?? null));
    const about = { scope: inner, receiver: receiver?.value, named: named.size === 0 ? none : beyond(form, named) };
    return form.run(new Running(this, about), ...args);
  }

  #lazy(type: Type, node: Node, scope: Scope): unknown {
    if (type.lazy === "lambda" || node.kind !== "mapping") return this.#lambda(node, scope);
    return { source: () => this.value(node.source, new Scope(scope)), destination: () => this.value(node.destination, new Scope(scope)) };
  }

  #lambda(node: Node, scope: Scope): Lambda {
    const lambda = (...args: readonly unknown[]): unknown => {
      this.budget.spend();
      const inner = new Scope(scope);
      for (let place = 0; place < args.length; place += 1) inner.set(places[place] ?? String(place + 1), args[place]);
      return this.value(node, inner);
    };
    return Object.assign(lambda, { node });
  }

  byName(
    name: string,
    given: { args: readonly unknown[]; named: Readonly<Record<string, unknown>>; receiver: unknown },
    scope: Scope,
  ): unknown {
    const receiver = given.receiver === undefined ? undefined : { value: given.receiver };
    const defined = receiver === undefined ? scope.function(name) : undefined;
    if (defined !== undefined) return defined(given.args, given.named);
    const forms = (receiver === undefined ? everything.functions : everything.methods).get(name);
    if (forms === undefined) throw unknownName(name, receiver);
    const values = receiver === undefined ? [...given.args] : [receiver.value, ...given.args];
    return this.#invoke(name, forms, { values, named: new Map(Object.entries(given.named)), scope, receiver, evaluated: true });
  }
}

const unnamed: ReadonlyMap<string, unknown> = new Map();
const none: Readonly<Record<string, unknown>> = {};

/** What named arguments there are that no parameter takes. */
function beyond(form: Form, named: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  const others: Record<string, unknown> = {};
  for (const [name, value] of named) {
    if (!form.parameters.some((parameter) => parameter.name === name)) Object.defineProperty(others, name, { value, enumerable: true });
  }
  return others;
}

/** One call while it goes on. */
class Running implements Call {
  readonly #machine: Machine;
  readonly scope: Scope;
  readonly receiver: unknown;
  readonly named: Readonly<Record<string, unknown>>;
  readonly budget: Budget;
  readonly host: Host;

  constructor(machine: Machine, { scope, receiver, named }: Pick<Call, "scope" | "receiver" | "named">) {
    this.#machine = machine;
    this.scope = scope;
    this.receiver = receiver;
    this.named = named;
    this.budget = machine.budget;
    this.host = machine.host;
  }

  // Made when they are asked for: few functions do.
  get operate(): Call["operate"] {
    return (operator, left, right) => operate(operator, left, right, this.budget);
  }

  get callByName(): Call["callByName"] {
    return (name, args, named, receiver) => this.#machine.byName(name, { args, named, receiver }, this.scope);
  }

  get within(): Call["within"] {
    return (scope, lambda) => (lambda.node === undefined ? lambda() : this.#machine.value(lambda.node, scope));
  }
}

/** What the first arguments of a lambda are called. */
const places = ["1", "2", "3"];

/** What takes a lambda is given a value: it is that value for all. */
function constant(value: unknown): Lambda | undefined {
  return value === null ? undefined : () => value;
}
