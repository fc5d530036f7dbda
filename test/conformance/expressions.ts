import { evaluate, validate, variables } from "@bellhop/expression";
import { z } from "zod";
import { encoded, typeOf } from "./encoding.ts";
import type { Case } from "./kinds.ts";

const Expression = z.object({ expression: z.unknown(), context: z.record(z.string(), z.unknown()).nullish() });

/** As orquesta evaluates, validates and reads them. */
export function answer(given: Case): unknown {
  const { expression, context } = Expression.parse(given);
  switch (given.kind) {
    case "expr": {
      const literals = new Set(textsOf(context ?? {}));
      const value = evaluate(expression, { variables: context ?? {}, literals, now: () => Date.now() / 1000, random: Math.random });
      return { value: encoded(value), type: typeOf(value) };
    }
    case "expr_validate":
      return { errors: validate(expression) };
    case "expr_vars":
      return { vars: variables(expression).map(({ language, expression: text, name }) => [language, text, name]) };
    default:
      throw new Error(`no such kind of case: ${given.kind}`);
  }
}

/** The tables' variables stand for what a definition says of its inputs and variables; results, items and states do not. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key.startsWith("__") ? [] : textsOf(inner)));
}
