import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { answersOf, isError, plain, recorded } from "./tables.ts";

/** A format that is no valid expression breaks StackStorm's matching for every message; here it is passed over. See docs/deviations.md. */
const deviations = new Set(["alias/case/2", ...[1, 2, 3, 4].map((number) => `alias/packmatch_vyatta/${number}`)]);

const answer = await answersOf("alias");

describe.each(["own", "upstream"] as const)("aliases of the %s table", (from) => {
  const cases = recorded("alias", from);
  test.skipIf(cases === undefined)(
    "are understood as StackStorm understands them (upstream: name the tables' folder in BELLHOP_CONFORMANCE)",
    () => {
      const different = (cases ?? [])
        .filter((one) => !deviations.has(one.id))
        .filter((one) => !isSame(one.kind, plain(one.expected), answer(one)));
      expect(different.map(({ id }) => id)).toEqual([]);
      expect(cases?.length).toBeGreaterThan(0);
    },
  );
});

function isSame(kind: string, expected: unknown, actual: unknown): boolean {
  if (!isError(expected)) return !isError(actual) && isDeepStrictEqual(expected, actual);
  if (!isError(actual)) return false;
  return kind !== "alias_match" || matchesOf(expected) === matchesOf(actual);
}

function matchesOf(value: unknown): number {
  return typeof value === "object" && value !== null && "matches" in value && Array.isArray(value.matches) ? value.matches.length : 0;
}
