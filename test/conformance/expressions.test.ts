import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { answersOf, isError, plain, recorded } from "./tables.ts";

/** See docs/deviations.md. */
const deviations = new Set([
  // What an expression gives is data, also where it looks like an expression.
  "expressions/yaql_interp_b4/1",
  "expressions/yaql_task_t1_str_b3/5",
  // YAML is made of mappings too.
  "expressions/yaql_json_yaml_b5/1",
]);

const answer = await answersOf("expressions");

describe.each(["own", "upstream"] as const)("expressions of the %s table", (from) => {
  const cases = recorded("expressions", from);
  test.skipIf(cases === undefined)("give what they give in orquesta (upstream: name the tables' folder in BELLHOP_CONFORMANCE)", () => {
    const different = (cases ?? [])
      .filter(({ id, unstable }) => unstable !== true && !deviations.has(id))
      .filter((one) => !isSame(one.kind, plain(one.expected), answer(one)));
    expect(different.map(({ id }) => id)).toEqual([]);
    expect(cases?.length).toBeGreaterThan(0);
  });
});

/** Whether a flaw is found, not how it is said: messages are Python's. */
function isSame(kind: string, expected: unknown, actual: unknown): boolean {
  if (kind === "expr_validate") return isDeepStrictEqual(flawsOf(expected), flawsOf(actual));
  return isError(expected) ? isError(actual) : isDeepStrictEqual(canonical(expected), canonical(actual));
}

function flawsOf(answered: unknown): unknown {
  const { errors } = answered as { errors: readonly { type: unknown; expression: unknown }[] };
  return errors.map(({ type, expression }) => [type, expression]);
}

/** JSON can't tell 1 from 1.0, and what it has no word for is compared by its kind alone. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  if ("__type__" in value && "repr" in value) return { any: value.__type__ };
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === "type" && inner === "float" ? "int" : canonical(inner)]),
  );
}
