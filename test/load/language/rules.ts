import { RuleDefinition } from "@bellhop/contracts";
import { compileRule, indexRules, jinja, type Happening, type RuleIndex } from "@bellhop/core";
import { DateTime } from "@bellhop/expression";
import { figure, median, type Figure } from "../figures.ts";

const rounds = 5;
const size = 10_000;
const trigger = "bench.happened";

/** What one event costs among ten thousand rules on its trigger: where ten ask for its very value, and where none says which value it wants. */
export function measureRules(): Figure[] {
  const before = performance.now();
  const indexed = indexOf((index) => ({
    "trigger.body.id": { type: "eq", pattern: `id${index % (size / 10)}` },
    "trigger.body.size": { type: "gt", pattern: 5 },
  }));
  const compiled = performance.now() - before;
  const plain = indexOf(() => ({
    "trigger.body.name": { type: "startswith", pattern: "b" },
    "trigger.body.size": { type: "gt", pattern: 5 },
  }));
  const happening: Happening = {
    payload: { body: { id: "id7", name: "aaa", size: 9 } },
    now: new DateTime(BigInt(Date.UTC(2026, 2, 1)) * 1000n, 0),
    render: jinja,
  };
  return [
    figure({
      name: `one event among ${size} rules, 10 of which ask for its value`,
      value: eventMs({ index: indexed, happening, fired: 10, times: 1000 }),
      unit: "ms",
      aim: { atMost: 1 },
    }),
    figure({
      name: `one event among ${size} rules that ask for no value, for each rule`,
      value: (eventMs({ index: plain, happening, fired: 0, times: 20 }) * 1000) / size,
      unit: "us",
      aim: { atMost: 5 },
    }),
    figure({ name: `${size} rules compiled`, value: compiled, unit: "ms" }),
  ];
}

function indexOf(criteriaOf: (index: number) => Record<string, unknown>): RuleIndex {
  const about = {
    pack: "bench",
    enabled: true,
    trigger: { type: trigger },
    action: { ref: "bench.run" },
    source: { file: "rules", line: 1, column: 1 },
  };
  return indexRules(
    Array.from({ length: size }, (_, index) =>
      compileRule(RuleDefinition.parse({ ...about, ref: `bench.r${index}`, name: `r${index}`, criteria: criteriaOf(index) })),
    ),
  );
}

function eventMs({ index, happening, fired, times }: { index: RuleIndex; happening: Happening; fired: number; times: number }): number {
  const found = index.evaluate(trigger, happening).fired.length;
  if (found !== fired) throw new Error(`${found} rules fired, not ${fired}`);
  const took = Array.from({ length: rounds }, () => {
    const start = performance.now();
    for (let time = 0; time < times; time++) index.evaluate(trigger, happening);
    return (performance.now() - start) / times;
  });
  return median(took);
}
