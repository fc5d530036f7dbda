import { Fault } from "../error.ts";
import { type Evaluation, Thing } from "./objects.ts";
import { isEqual } from "./operations.ts";

/** What `loop` is inside a loop, and the items as the loop goes on. */
export function loopOf({
  items,
  depth,
  evaluation,
  again,
}: {
  items: readonly unknown[];
  depth: number;
  evaluation: Evaluation;
  /** For a recursive one: the same loop over other items, as text. */
  again: ((items: unknown) => string) | undefined;
}): { loop: Thing; steps: Iterable<unknown> } {
  let index = -1;
  let last: readonly unknown[] | undefined;
  const neighbour = (at: number, which: string): unknown => (at >= 0 && at < items.length ? items[at] : evaluation.undefined(which));
  const attributes: Readonly<Record<string, () => unknown>> = {
    index: () => index + 1,
    index0: () => index,
    revindex: () => items.length - index,
    revindex0: () => items.length - index - 1,
    first: () => index === 0,
    last: () => index === items.length - 1,
    length: () => items.length,
    depth: () => depth,
    depth0: () => depth - 1,
    previtem: () => neighbour(index - 1, "there is no previous item"),
    nextitem: () => neighbour(index + 1, "there is no next item"),
    cycle: () =>
      new Thing({
        type: "method",
        attribute: () => undefined,
        call: ({ list }) => {
          if (list.length === 0) throw new Fault("TypeError", "no items for cycling given");
          return list[index % list.length];
        },
      }),
    changed: () =>
      new Thing({
        type: "method",
        attribute: () => undefined,
        call: ({ list }) => {
          const same = last !== undefined && isEqual(last, list, evaluation);
          last = list;
          return !same;
        },
      }),
  };
  const loop = new Thing({
    type: "LoopContext",
    attribute: (name) => (Object.hasOwn(attributes, name) ? attributes[name]?.() : undefined),
    shown: () => `<LoopContext ${index + 1}/${items.length}>`,
    call: (given) => {
      if (again === undefined) {
        throw new Fault("TypeError", "The loop must have the 'recursive' marker to be called recursively.");
      }
      return again(given.bind("loop", "iterable!")[0]);
    },
  });
  function* steps() {
    for (const item of items) {
      index += 1;
      yield item;
    }
  }
  return { loop, steps: steps() };
}
