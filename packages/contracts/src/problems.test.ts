import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Problem, problem, problems, toProblem } from "./problems.ts";

describe("a problem", () => {
  it("says what happened and what to do, with its details in place", () => {
    const one = problem("alias_ambiguous", { text: "deploy", candidates: "a and b", example: "deploy x" });
    expect(one.data).toEqual({
      code: "alias_ambiguous",
      message: '"deploy" fits a and b.',
      hint: 'Say more of the command, e.g. "deploy x".',
      retry: false,
    });
  });

  it("does not fill in what stands in its details", () => {
    expect(problem("alias_unknown", { text: "{suggestion}", suggestion: "x" }).message).toBe('No command fits "{suggestion}".');
  });

  it("without a detail that its wording names does not compile", () => {
    // @ts-expect-error `suggestion` is missing
    problem("alias_unknown", { text: "x" });
    // @ts-expect-error there is no problem of that name
    expect(() => problem("no_such_problem", {})).toThrow(TypeError);
    expect(problem("claim_closed", {}).code).toBe("claim_closed");
  });

  it("is worded in one file, and every file's are known", async () => {
    const folder = new URL("problems/", import.meta.url);
    const tables: object[] = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href)));
    const worded = tables.flatMap((table) => Object.values<object>({ ...table })).flatMap((table) => Object.keys(table));
    expect(worded.toSorted()).toEqual(Object.keys(problems).toSorted());
  });

  it("is what every thrown thing becomes, once", () => {
    const one = problem("nats_unreachable", { url: "u", why: "w" });
    expect(toProblem(one)).toBe(one);
    const cause = new Error("boom");
    const other = toProblem(cause, "R1");
    expect(other).toBeInstanceOf(Problem);
    expect([other.code, other.message, other.cause]).toEqual(["internal", "Something went wrong inside Bellhop: boom", cause]);
    expect(toProblem("text").message).toContain("text");
  });
});
