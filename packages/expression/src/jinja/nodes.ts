/** What an expression is made of. `at` is the place in the source, from 0. */
export type Expression = { readonly at: number } & (
  | { readonly kind: "const"; readonly value: unknown }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list" | "tuple"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "attribute"; readonly target: Expression; readonly name: string }
  | { readonly kind: "item"; readonly target: Expression; readonly index: Expression }
  | {
      readonly kind: "slice";
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: Expression | undefined;
    }
  | { readonly kind: "call"; readonly target: Expression; readonly given: Given }
  | { readonly kind: "filter"; readonly target: Expression; readonly name: string; readonly given: Given }
  | { readonly kind: "test"; readonly target: Expression; readonly name: string; readonly given: Given }
  | { readonly kind: "not" | "negative" | "positive"; readonly operand: Expression }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  | { readonly kind: "compare"; readonly first: Expression; readonly rest: readonly (readonly [Comparison, Expression])[] }
  | { readonly kind: "if"; readonly test: Expression; readonly value: Expression; readonly otherwise: Expression | undefined }
  /** What a filter block filters. */
  | { readonly kind: "body"; readonly body: readonly Statement[] }
);

export type Operator = "+" | "-" | "*" | "/" | "//" | "%" | "**";
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

/** The arguments of a call. */
export interface Given {
  readonly args: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  readonly more: Expression | undefined;
  readonly moreNamed: Expression | undefined;
}

export type Target =
  | { readonly kind: "name"; readonly name: string; readonly at: number }
  | { readonly kind: "namespace"; readonly name: string; readonly attribute: string; readonly at: number }
  | { readonly kind: "tuple"; readonly targets: readonly Target[]; readonly at: number };

export interface Signature {
  readonly parameters: readonly string[];
  /** Of the last parameters. */
  readonly defaults: readonly Expression[];
}

export type Statement = { readonly at: number } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly value: Expression }
  | {
      readonly kind: "for";
      readonly target: Target;
      readonly items: Expression;
      readonly test: Expression | undefined;
      readonly recursive: boolean;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: "if";
      readonly branches: readonly (readonly [Expression, readonly Statement[]])[];
      readonly otherwise: readonly Statement[];
    }
  | { readonly kind: "macro"; readonly name: string; readonly signature: Signature; readonly body: readonly Statement[] }
  | { readonly kind: "call"; readonly call: Expression; readonly signature: Signature; readonly body: readonly Statement[] }
  | { readonly kind: "filter"; readonly value: Expression }
  | { readonly kind: "set"; readonly target: Target; readonly value: Expression }
  | { readonly kind: "with"; readonly targets: readonly (readonly [Target, Expression])[]; readonly body: readonly Statement[] }
  | { readonly kind: "scope"; readonly body: readonly Statement[] }
  /** What wants other templates, and there are none. */
  | { readonly kind: "refused"; readonly reason: string }
);
