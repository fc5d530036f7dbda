import { describe, expect, expectTypeOf, test } from "vitest";
import { carryOut, isConfig } from "./host.ts";
import { defineAction, defineAlias, defineConfig, z } from "./index.ts";

const config = defineConfig(
  { url: z.url().default("https://example.com"), token: z.string(), tries: z.int().optional() },
  { secrets: ["token"] },
);
const deploy = defineAction({
  description: "x",
  config,
  input: { service: z.string() },
  run: ({ input, config: { url, token, tries = 1 } }) => {
    expectTypeOf(tries).toEqualTypeOf<number>();
    return `${input.service} ${url} ${token.length} ${tries}`;
  },
});
const log = { debug() {}, info() {}, warn() {}, error() {} };
const call = (values: Record<string, unknown>) =>
  carryOut(deploy, { action: "acme.deploy", input: { service: "api" }, config: values, log, signal: new AbortController().signal });

describe("defineConfig", () => {
  test("gives an action that names it the values, typed, checked and complete with defaults", async () => {
    expect(isConfig(config)).toBe(true);
    expect(await call({ token: "abcd" })).toBe("api https://example.com 4 1");
  });

  test.each([
    [{ token: 5 }, "token in the configuration of acme can't be what was given.", "It takes text."],
    [{}, "token in the configuration of acme can't be missing.", "It takes text."],
    [{ token: "x", url: "nowhere" }, 'url in the configuration of acme can\'t be "nowhere".', "It takes a URL."],
  ])("a value that can't be is told without secrets: %j", async (values, message, hint) => {
    await expect(call(values)).rejects.toMatchObject({
      code: "pack_config_invalid",
      message,
      hint: expect.stringContaining(hint) as string,
    });
  });

  test("does not compile with a secret that is no field of it, nor an action that asks for another", () => {
    // @ts-expect-error there is no tokken
    defineConfig({ token: z.string() }, { secrets: ["tokken"] });
    // @ts-expect-error nor here
    defineAction({ description: "x", config, run: ({ config: values }) => values.tokken });
    defineAction({ description: "x", run: ({ config: values }) => values["anything"] });
  });

  test("lets an alias fix the instance of the configuration, or have it named where the action takes one", () => {
    const alias = defineAlias({ action: deploy, formats: ["deploy {{ service }} with {{ config }}"], config: "work" });
    expect(alias.spec.config).toBe("work");
    const other = defineAction({ description: "x", input: { service: z.string() }, run: () => 1 });
    // @ts-expect-error this one takes none
    defineAlias({ action: other, formats: ["deploy {{ service }} with {{ config }}"] });
  });

  test("takes a whole object schema as well", () => {
    const whole = defineConfig(z.object({ token: z.string() }), { secrets: ["token"] });
    defineAction({
      description: "x",
      config: whole,
      run: ({ config: { token } }) => {
        expectTypeOf(token).toEqualTypeOf<string>();
        return token;
      },
    });
    expect(Object.keys(whole.schema.shape)).toEqual(["token"]);
  });
});
