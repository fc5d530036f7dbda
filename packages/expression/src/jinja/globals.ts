import { Fault } from "../error.ts";
import { Dict } from "../value/kinds.ts";
import { pairsOf } from "./collection-methods.ts";
import { type Arguments, Callable, type Evaluation, Range, Thing } from "./objects.ts";
import { countOf, represent, textOf } from "./operations.ts";

/** The longest range that Jinja's sandbox makes. */
const longest = 100_000;

/** What every template can call. */
export const globals: ReadonlyMap<string, Callable> = new Map(
  Object.entries({
    range: (given: Arguments) => {
      const [first = 0, second, step = 1] = given.list.map((part) => countOf(part));
      if (given.list.length === 0) throw new Fault("TypeError", "range expected at least 1 argument, got 0");
      if (step === 0) throw new Fault("ValueError", "range() arg 3 must not be zero");
      const range = second === undefined ? new Range(0, first, 1) : new Range(first, second, step);
      if (range.length > longest)
        throw new Fault("OverflowError", `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${longest}).`);
      return range;
    },
    dict: (given: Arguments, evaluation: Evaluation) => made(given, evaluation),
    namespace: (given: Arguments, evaluation: Evaluation) => {
      const names = made(given, evaluation);
      return new Thing({
        type: "Namespace",
        attribute: (name) => names.get(name),
        assign: (name, value) => names.set(name, value),
        shown: () => `<Namespace ${represent(names, evaluation)}>`,
      });
    },
    cycler: ({ list }: Arguments) => {
      if (list.length === 0) throw new Fault("RuntimeError", "at least one item has to be provided");
      let at = 0;
      const next = method("next", () => {
        const value = list[at];
        at = (at + 1) % list.length;
        return value;
      });
      const reset = method("reset", () => {
        at = 0;
        return null;
      });
      const attributes = { current: () => list[at], next: () => next, reset: () => reset };
      return new Thing({
        type: "Cycler",
        attribute: (name) => (name === "current" || name === "next" || name === "reset" ? attributes[name]() : undefined),
      });
    },
    joiner: (given: Arguments, evaluation: Evaluation) => {
      const [separator = ", "] = given.bind("joiner", "sep");
      let used = false;
      return new Thing({
        type: "Joiner",
        attribute: () => undefined,
        call: () => {
          const text = used ? textOf(separator, evaluation) : "";
          used = true;
          return text;
        },
      });
    },
    lipsum: (given: Arguments, evaluation: Evaluation) => {
      const [n = 5, html = true] = given.bind("lipsum", "n", "html", "min", "max");
      const count = countOf(n);
      evaluation.budget.size(count * lorem.length);
      const paragraphs = Array.from({ length: Math.max(0, count) }, () => lorem);
      return html === false ? paragraphs.join("\n\n") : paragraphs.map((text) => `<p>${text}</p>`).join("\n");
    },
  }).map(([name, call]) => [name, new Callable({ name, type: name === "lipsum" ? "function" : "type", shown: `<class '${name}'>`, call })]),
);

/** Always the same: nothing here is left to chance. */
const lorem =
  "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua ut enim ad minim veniam.";

function method(name: string, call: () => unknown): Callable {
  return new Callable({ name, call });
}

function made({ list, named }: Arguments, evaluation: Evaluation): Dict {
  const dict = new Dict();
  if (list.length > 1) throw new Fault("TypeError", `dict expected at most 1 argument, got ${list.length}`);
  for (const source of list) for (const [key, value] of pairsOf(source, evaluation)) dict.set(key, value);
  for (const [name, value] of named) dict.set(name, value);
  return dict;
}
