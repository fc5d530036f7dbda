import { Fault } from "../../error.ts";
import { truth } from "../../value/equal.ts";
import { entriesOf, type Mapping } from "../../value/kinds.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { each, Lazy, Names } from "../values.ts";

export const system: Table = {
  "let(*args:any?, **named:any?)": ({ scope, named }: Call, ...args: readonly unknown[]) => {
    for (const [place, value] of args.entries()) scope.set(String(place + 1), value);
    for (const [name, value] of Object.entries(named)) scope.set(name, value);
    return new Names(scope);
  },
  "with(*args:any?)": ({ scope }: Call, ...args: readonly unknown[]) => {
    for (const [place, value] of args.entries()) scope.set(String(place + 1), value);
    return new Names(scope);
  },
  "method unpack(sequence:iterable, *args:text)": ({ scope, budget }: Call, sequence: Iterable<unknown>, ...names: readonly string[]) => {
    const items = Array.from(each(sequence, budget));
    if (names.length > 0 && names.length !== items.length) {
      throw new Fault("ValueError", `Cannot unpack ${Math.min(items.length, names.length + 1)} elements into ${names.length}`);
    }
    for (const [place, item] of items.entries()) scope.set(names[place] ?? String(place + 1), item);
    return new Names(scope);
  },
  "def(name:text, func:lambda)": ({ scope, budget }: Call, name: string, func: Lambda) => {
    scope.define(name, (args, named) => {
      budget.enter();
      try {
        return Object.keys(named).length === 0 ? func(...args) : func(...args, ...Object.values(named));
      } finally {
        budget.leave();
      }
    });
    return new Names(scope);
  },
  'method assert(obj:any?, condition:lambda, message:text="Assertion failed")': (
    { budget }: Call,
    given: unknown,
    condition: Lambda,
    message: string,
  ) => {
    const value = given instanceof Lazy ? Array.from(each(given, budget)) : given;
    if (!truth(condition(value))) throw new Fault("AssertionError", message);
    return value;
  },
  "call(name:text, args:sequence, kwargs:mapping, receiver:any?=)": (
    { callByName }: Call,
    name: string,
    args: readonly unknown[],
    named: Mapping,
    receiver: unknown,
  ) => {
    const pairs = Array.from(entriesOf(named)).filter((pair): pair is [string, unknown] => typeof pair[0] === "string");
    return callByName(name, args, Object.fromEntries(pairs), receiver);
  },
};
