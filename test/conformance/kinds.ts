/** One line of a table: what is asked. Numbers as `@bellhop/expression` holds them. */
export interface Case {
  readonly id: string;
  readonly kind: string;
  readonly [input: string]: unknown;
}

/** Answers cases in the form of their tables' `expected`. May throw: that is an error as an answer. */
export interface Answers {
  readonly answer: (given: Case) => unknown;
}

/** By the tables' names. A new one is a line here, and its file. */
export const kinds: Readonly<Record<string, () => Promise<Answers>>> = {
  alias: () => import("./alias.ts"),
  expressions: () => import("./expressions.ts"),
  filters: () => import("./filters.ts"),
  inspections: () => import("./inspections.ts"),
  operators: () => import("./operators.ts"),
  workflows: () => import("./workflows.ts"),
};
