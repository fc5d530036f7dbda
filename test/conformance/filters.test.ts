import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { answersOf, isError, plain, recorded } from "./tables.ts";

const answer = await answersOf("filters");

describe.each(["own", "upstream"] as const)("filters of the %s table", (from) => {
  const cases = recorded("filters", from);
  test.skipIf(cases === undefined)("give what they give in StackStorm (upstream: name the tables' folder in BELLHOP_CONFORMANCE)", () => {
    const different = (cases ?? []).filter((one) => {
      const [expected, actual] = [plain(one.expected), answer(one)];
      return isError(expected) ? !isError(actual) : !isDeepStrictEqual(expected, actual);
    });
    expect(different.map(({ id }) => id)).toEqual([]);
    expect(cases?.length).toBeGreaterThan(0);
  });
});
