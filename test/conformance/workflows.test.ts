import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { answersOf, plain, recorded } from "./tables.ts";

/** See docs/deviations.md. */
const deviations = new Set([
  // What a run is given is data, also where it looks like an expression.
  "workflows/seq1/7",
]);

const answer = await answersOf("workflows");

describe.each(["own", "upstream"] as const)("workflows of the %s table", (from) => {
  const cases = recorded("workflows", from);
  test.skipIf(cases === undefined)("go as they go in orquesta (upstream: name the tables' folder in BELLHOP_CONFORMANCE)", () => {
    const different = (cases ?? [])
      .filter(({ id, unstable }) => unstable !== true && !deviations.has(id))
      .filter((one) => !isSame(plain(one.expected), answer(one)));
    expect(different.map(({ id }) => id)).toEqual([]);
    expect(cases?.length).toBeGreaterThan(0);
  });
});

interface Answer {
  readonly status?: string;
  readonly output?: unknown;
  readonly context?: unknown;
  readonly errors?: readonly Readonly<Record<string, unknown>>[];
  readonly calls?: readonly Readonly<Record<string, unknown>>[];
  readonly engine_exceptions?: unknown;
}

/** Where the original's engine crashed or hangs, a clean end is right. Of errors it counts where they are and with what result, not their words; calls are in no order. */
function isSame(expected: unknown, actual: unknown): boolean {
  const [theirs, ours] = [expected as Answer, actual as Answer];
  if (theirs.status === "rejected") return ours.status === "rejected";
  if (theirs.engine_exceptions !== undefined) return ours.status === "failed" || ours.status === theirs.status;
  return isDeepStrictEqual(shape(theirs), shape(ours));
}

function shape({ status, output, context, errors, calls }: Answer): unknown {
  return {
    status,
    output: output ?? null,
    context: context ?? {},
    errors: bag((errors ?? []).map(({ type, task_id: task, result }) => ({ type, task: task ?? null, result: result ?? null }))),
    calls: bag((calls ?? []).map(({ route: _route, ...call }) => call)),
  };
}

function bag(list: readonly unknown[]): readonly string[] {
  return list.map((one) => JSON.stringify(sorted(one))).toSorted();
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
