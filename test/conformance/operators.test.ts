import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { answersOf, isError, plain, recorded } from "./tables.ts";

const answer = await answersOf("operators");

describe.each(["own", "upstream"] as const)("operators and rules of the %s table", (from) => {
  const cases = recorded("operators", from);
  test.skipIf(cases === undefined)(
    "mean what they mean in StackStorm (upstream: name the tables' folder in BELLHOP_CONFORMANCE)",
    () => {
      const different = (cases ?? []).filter((one) => !isSame(plain(one.expected), answer(one)));
      expect(different.map(({ id }) => id)).toEqual([]);
      expect(cases?.length).toBeGreaterThan(0);
    },
    30_000,
  );
});

function isSame(expected: unknown, actual: unknown): boolean {
  if (isError(expected)) return isError(actual) && matchOf(expected) === matchOf(actual);
  return !isError(actual) && isDeepStrictEqual(withoutJinja(expected), withoutJinja(actual));
}

function matchOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "match" in value ? value.match : undefined;
}

/** What Jinja says is wrong with a pattern is judged with the filters, and not here. */
function withoutJinja(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/(Failed to render pattern value )(?:[^"\\]|\\.)*/g, "$1"));
}
