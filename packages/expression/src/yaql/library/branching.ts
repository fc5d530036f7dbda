import { truth } from "../../value/equal.ts";
import type { Call, Lambda, Table } from "../signature.ts";
import { Lazy } from "../values.ts";

interface Case {
  readonly source: () => unknown;
  readonly destination: () => unknown;
}

export const branching: Table = {
  "plain switch(*args:rules)": (_call: Call, ...cases: readonly Case[]) => {
    for (const one of cases) if (truth(one.source())) return one.destination();
    return null;
  },
  "selectCase(*args:lambda)": (_call: Call, ...cases: readonly Lambda[]) => {
    const place = cases.findIndex((one) => truth(one()));
    return place === -1 ? cases.length : place;
  },
  "selectAllCases(*args:lambda)": (_call: Call, ...cases: readonly Lambda[]) =>
    new Lazy(
      (function* () {
        for (const [place, one] of cases.entries()) if (truth(one())) yield place;
      })(),
    ),
  "examine(*args:lambda)": (_call: Call, ...cases: readonly Lambda[]) =>
    new Lazy(
      (function* () {
        for (const one of cases) yield truth(one());
      })(),
    ),
  "method switchCase(case:int, *args:lambda)": (_call: Call, which: number | boolean, ...cases: readonly Lambda[]) =>
    (Number(which) >= 0 ? (cases[Number(which)] ?? cases.at(-1)) : cases.at(-1))?.() ?? null,
  "coalesce(*args:lambda)": (_call: Call, ...cases: readonly Lambda[]) => {
    for (const one of cases) {
      const value = one();
      if (value !== null && value !== undefined) return value;
    }
    return null;
  },
};
