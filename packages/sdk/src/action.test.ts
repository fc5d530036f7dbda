import { Problem } from "@bellhop/contracts";
import { describe, expect, expectTypeOf, test } from "vitest";
import { ActionFailed, defineAction, isAction, z } from "./index.ts";
import { executeAction } from "./host.ts";
import { runAction } from "./testing.ts";

const deploy = defineAction({
  description: "Deploy a service",
  input: { service: z.string().describe("What to deploy."), version: z.string().default("latest"), dry: z.boolean().optional() },
  output: z.object({ url: z.url() }),
  secrets: ["version"],
  repeatable: { service: ["api"] },
  run: async ({ input }) => {
    expectTypeOf(input).toEqualTypeOf<{ service: string; version: string; dry?: boolean | undefined }>();
    return { url: `https://example.test/${input.service}/${input.version}` };
  },
});

const log = { debug() {}, info() {}, warn() {}, error() {} };
const call = (input: Record<string, unknown>) => ({ action: "deploy.deploy", input, log, signal: new AbortController().signal });

describe("defineAction", () => {
  test("fills defaults and types the output", async () => {
    const output = await runAction(deploy, { service: "api" });
    expectTypeOf(output).toEqualTypeOf<{ url: string }>();
    expect(output).toEqual({ url: "https://example.test/api/latest" });
  });

  test("takes a whole z.object as input", async () => {
    const twice = defineAction({
      description: "Twice",
      input: z.object({ n: z.number() }),
      run: ({ input }) => {
        expectTypeOf(input).toEqualTypeOf<{ n: number }>();
        return input.n * 2;
      },
    });
    expect(await runAction(twice, { n: 2 })).toBe(4);
    // @ts-expect-error an input of the wrong type does not compile
    await expect(runAction(twice, { n: "2" })).rejects.toThrow("n of test.action can't be");
  });

  test("needs no input", async () => {
    expect(await runAction(defineAction({ description: "Nothing", run: () => undefined }), {})).toBeNull();
  });

  test("refuses names that are no input and output of another shape when it is compiled", () => {
    defineAction({
      description: "x",
      input: { token: z.string() },
      // @ts-expect-error tokne is no input
      secrets: ["tokne"],
      run: () => 1,
    });
    defineAction({
      description: "x",
      input: { method: z.string() },
      // @ts-expect-error methd is no input
      repeatable: { methd: ["GET"] },
      run: () => 1,
    });
    defineAction({
      description: "x",
      output: z.object({ url: z.string() }),
      // @ts-expect-error the output has no ulr
      run: () => ({ ulr: "" }),
    });
  });

  test("is recognized when another copy of the package made it", () => {
    expect(isAction({ ...deploy })).toBe(true);
    expect(isAction({ [Symbol.for("bellhop.definition")]: "action" })).toBe(true);
    expect(isAction({ description: "x", run() {} })).toBe(false);
    expect(isAction(undefined)).toBe(false);
  });
});

describe("executeAction", () => {
  test("gives the output", async () => {
    expect(await executeAction(deploy, call({ service: "api" }))).toEqual({
      kind: "succeeded",
      output: { url: "https://example.test/api/latest" },
    });
  });

  test("says which input is missing, with its description", async () => {
    const executed = await executeAction(deploy, call({}));
    expect(executed).toMatchObject({ kind: "failed", problem: { code: "parameter_missing", message: "deploy.deploy needs service." } });
    expect(executed.kind === "failed" && executed.problem.hint).toContain("What to deploy.");
  });

  test("says what was found and what is taken, and never a secret", async () => {
    expect(await executeAction(deploy, call({ service: 5 }))).toMatchObject({
      problem: { code: "parameter_invalid", message: "service of deploy.deploy can't be 5.", hint: "It takes text." },
    });
    expect(JSON.stringify(await executeAction(deploy, call({ service: "a", version: 90210 })))).not.toContain("90210");
  });

  test("names what would have been right", async () => {
    const picky = defineAction({
      description: "x",
      input: {
        url: z.url().optional(),
        n: z.number().min(0).max(9).optional(),
        kind: z.enum(["a", "b"]).optional(),
        on: z.boolean().optional(),
        name: z.string().regex(/^x/).optional(),
        list: z.array(z.object({ at: z.string() })).optional(),
        own: z.string("a word of mine").optional(),
      },
      run: () => 1,
    });
    const hint = async (input: Record<string, unknown>) => {
      const executed = await executeAction(picky, call(input));
      return executed.kind === "failed" ? executed.problem.hint : "";
    };
    expect(await hint({ url: "nowhere" })).toBe("It takes a URL.");
    expect(await hint({ n: -1 })).toBe("It takes at least 0.");
    expect(await hint({ n: 10 })).toBe("It takes at most 9.");
    expect(await hint({ kind: "c" })).toBe("It takes one of a, b.");
    expect(await hint({ on: 1 })).toBe("It takes true or false.");
    expect(await hint({ name: "y" })).toBe("It takes text that fits /^x/.");
    expect(await hint({ list: [{ at: 1 }] })).toBe("It takes 0.at: text.");
    expect(await hint({ own: 1 })).toBe("It takes a word of mine.");
  });

  test("checks the output", async () => {
    const wrong = defineAction({ description: "x", output: z.object({ url: z.url() }), run: () => ({ url: "nowhere" }) });
    expect(await executeAction(wrong, call({}))).toMatchObject({
      kind: "failed",
      problem: { code: "output_invalid", message: expect.stringContaining("url should be a URL") },
    });
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    expect(await executeAction(defineAction({ description: "x", run: () => cyclic }), call({}))).toMatchObject({
      problem: { code: "output_invalid" },
    });
  });

  test("keeps the result of an action that failed with one", async () => {
    const failing = defineAction({
      description: "x",
      run: () => {
        throw new ActionFailed("The API said 503.", { result: { status_code: 503 }, hint: "Later." });
      },
    });
    expect(await executeAction(failing, call({}))).toEqual({
      kind: "failed",
      problem: { code: "action_failed", message: "deploy.deploy failed: The API said 503.", hint: "Later.", retry: false },
      output: { status_code: 503 },
    });
    await expect(runAction(failing, {})).rejects.toMatchObject({ message: "The API said 503.", result: { status_code: 503 } });
  });

  test("turns whatever is thrown into a problem", async () => {
    for (const thrown of [new Error("boom"), "boom"]) {
      const failing = defineAction({
        description: "x",
        run: () => {
          throw thrown;
        },
      });
      expect(await executeAction(failing, call({}))).toMatchObject({ problem: { message: "deploy.deploy failed: boom" } });
    }
  });

  test("gives JSON, whatever the action returned", async () => {
    const dated = defineAction({ description: "x", run: () => ({ at: new Date(0), none: undefined }) });
    expect(await executeAction(dated, call({}))).toEqual({ kind: "succeeded", output: { at: "1970-01-01T00:00:00.000Z" } });
  });
});

test("runAction rejects with the problem of an input", async () => {
  // @ts-expect-error service is missing
  await expect(runAction(deploy, {})).rejects.toBeInstanceOf(Problem);
});
