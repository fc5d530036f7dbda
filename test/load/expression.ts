// `pnpm bench:expression`: one JSON object on standard output. README.md says what is measured, and what is not.
import { runBench } from "./bench.ts";
import { jinjaCases } from "./expression/jinja.ts";
import { measureMany } from "./expression/many.ts";
import { perSecond } from "./expression/per-second.ts";
import { yaqlCases } from "./expression/yaql.ts";
import { figure, type Figure } from "./figures.ts";

await runBench({
  name: "expression",
  parts: {
    yaql: () => measure("yaql", yaqlCases()),
    jinja: () => measure("jinja", jinjaCases()),
    many: measureMany,
  },
  notMeasured: [
    "reading: each text was evaluated before it is timed, and what was read is kept",
    "StackStorm: it was not run here; its own people speak of about 0.4 ms of processor time an evaluation, 2,500 a second",
    "sameness: a peer's expression is what its language has for the same thing, over JavaScript's values and without limits",
  ],
});

/** An expression, and what says the same to others. */
export interface Case {
  readonly expression: string;
  readonly run: () => unknown;
  /** By name; it may answer later. */
  readonly peers: Readonly<Record<string, () => unknown>>;
}

async function measure(language: string, cases: readonly Case[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { expression, run, peers } of cases) {
    const [own = 0, ...others] = await perSecond([run, ...Object.values(peers)]);
    const name = `${language}: ${expression}`;
    const [peer] = Object.keys(peers);
    figures.push(
      figure({
        name,
        value: own,
        unit: "per second",
        aim: { atLeast: 100_000 },
        asRatio: false,
        ...(peer === undefined ? {} : { against: { name: peer, value: others[0] ?? 0 } }),
      }),
    );
    for (const [at, other] of Object.keys(peers).entries()) {
      if (at > 0) figures.push(figure({ name: `${name}, by ${other}`, value: others[at] ?? 0, unit: "per second" }));
    }
  }
  return figures;
}
