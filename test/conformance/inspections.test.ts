import { describe, expect, test } from "vitest";
import { answersOf, isError, plain, recorded } from "./tables.ts";

const answer = await answersOf("inspections");

describe.each(["own", "upstream"] as const)("inspections of the %s table", (from) => {
  const cases = recorded("inspections", from);
  test.skipIf(cases === undefined)(
    "complain of what orquesta does, in the same places (upstream: name the tables' folder in BELLHOP_CONFORMANCE)",
    () => {
      const different = (cases ?? [])
        .filter(({ unstable }) => unstable !== true)
        .map((one) => ({ id: one.id, expected: placesOf(plain(one.expected)), actual: placesOf(answer(one)) }))
        // Where the original breaks it is enough that something is told.
        .filter(({ expected, actual }) => (expected === "broken" ? actual === "" : expected !== actual));
      expect(different).toEqual([]);
      expect(cases?.length).toBeGreaterThan(0);
    },
  );
});

/** The groups of complaints, each with its places: empty where there are none. */
function placesOf(answered: unknown): string {
  if (isError(answered)) return "broken";
  const { inspection } = answered as { inspection: Readonly<Record<string, readonly { readonly spec_path: string | null }[]>> };
  return Object.entries(inspection)
    .map(
      ([group, entries]) =>
        `${group}: ${entries
          .map((entry) => entry.spec_path ?? ".")
          .toSorted()
          .join(" ")}`,
    )
    .toSorted()
    .join("\n");
}
