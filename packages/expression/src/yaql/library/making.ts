import { Fault } from "../../error.ts";
import { truth, typeName } from "../../value/equal.ts";
import { Dict } from "../../value/kinds.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { each, isIterable, Lazy } from "../values.ts";

/* What makes many things of one. */

export const making: Table = {
  "range(stop:int)": (_call: Call, stop: number) => new Lazy(range(0, Number(stop), 1)),
  "range(start:int, stop:int, step:int=1)": (_call: Call, start: number, stop: number, step: number) => {
    if (Number(step) === 0) throw new Fault("ValueError", "range() arg 3 must not be zero");
    return new Lazy(range(Number(start), Number(stop), Number(step)));
  },
  "sequence(start:int=0, step:int=1)": (_call: Call, start: number, step: number) =>
    new Lazy(range(Number(start), Number.POSITIVE_INFINITY, Number(step))),
  "method repeat(obj:any?, times:int=-1)": ({ budget }: Call, value: unknown, times: number) =>
    new Lazy(
      (function* () {
        for (let done = 0; Number(times) < 0 || done < Number(times); done += 1) {
          budget.spend();
          yield value;
        }
      })(),
    ),
  "generate(initial:any?, predicate:lambda, next:lambda, selector:lambda=, decycle:bool?=false)": (
    { budget }: Call,
    initial: unknown,
    predicate: Lambda,
    next: Lambda,
    selector: Lambda | undefined,
    decycle: boolean,
  ) =>
    new Lazy(
      (function* () {
        const past = new Dict();
        for (let value = initial; truth(predicate(value)); value = next(value)) {
          budget.spend();
          if (decycle) {
            if (past.has(value)) return;
            past.set(value, true);
          }
          yield selector === undefined ? value : selector(value);
        }
      })(),
    ),
  "generateMany(initial:any?, producer:lambda, selector:lambda=, decycle:bool?=false, depthFirst:bool?=false)": (
    { budget }: Call,
    initial: unknown,
    producer: Lambda,
    selector: Lambda | undefined,
    decycle: boolean,
    depthFirst: boolean,
  ) =>
    new Lazy(
      (function* () {
        const past = new Dict();
        const waiting: unknown[] = [initial];
        while (waiting.length > 0) {
          budget.spend();
          const value = waiting.shift();
          if (decycle) {
            if (past.has(value)) continue;
            past.set(value, true);
          }
          yield selector === undefined ? value : selector(value);
          const produced = producer(value);
          if (!isIterable(produced)) throw new Fault("TypeError", `'${typeName(produced)}' object is not iterable`);
          const more = Array.from(each(produced, budget));
          if (depthFirst) waiting.unshift(...more);
          else waiting.push(...more);
        }
      })(),
    ),
};

function* range(start: number, stop: number, step: number): Generator<unknown, void> {
  if (step >= 0) for (let value = start; value < stop; value += step) yield value;
  else for (let value = start; value > stop || stop === Number.POSITIVE_INFINITY; value += step) yield value;
}
