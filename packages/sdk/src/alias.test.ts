import { describe, expect, test } from "vitest";
import { defineAction, defineAlias, isAlias, z } from "./index.ts";

const deploy = defineAction({
  description: "Deploy a service",
  input: { service: z.string(), version: z.string().default("latest") },
  run: () => ({ url: "" }),
});
const rolled = defineAction({
  description: "x",
  input: { service: z.string().optional() },
  output: z.object({ url: z.url() }),
  run: () => ({ url: "https://example.com" }),
});
const whole = defineAction({ description: "x", input: z.object({ name: z.string() }), run: () => 1 });

describe("defineAlias", () => {
  test("takes inputs of its action, with defaults and in the long form", () => {
    const alias = defineAlias({
      action: deploy,
      formats: [
        "deploy {{ service }}",
        "deploy {{service}} {{ version = latest }}",
        "deploy {{service}} {{version=}}",
        { display: "ship {{ service }}", representation: ["ship {{ service }}", "ship {{ service }} {{ version = v 1 }}"] },
      ],
      reply: "Deployed: {{ result.url }} by {{ execution.context.user }}, {{result}}, {{ asker.mention }}",
    });
    expect(isAlias(alias)).toBe(true);
    expect(alias.spec.formats).toHaveLength(4);
    defineAlias({ action: whole, formats: ["hello {{ name }}"] });
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], reply: false, ack: false });
    defineAlias({
      action: deploy,
      formats: ["deploy {{ service }}"],
      ack: { format: "On it.", as: "message" },
      whisper: true,
      live: false,
    });
    // @ts-expect-error there is no such sign
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], ack: { as: "smoke" } });
  });

  test("leaves refs of other packs' actions to the loader", () => {
    expect(defineAlias({ action: "core.local", formats: ["now {{ anything }}"] }).spec.action).toBe("core.local");
  });

  test("does not compile with a parameter that the action has not", () => {
    // @ts-expect-error verzion is no input
    defineAlias({ action: deploy, formats: ["deploy {{ service }} {{ verzion }}"] });
    // @ts-expect-error verzion is no input, also with a default
    defineAlias({ action: deploy, formats: ["deploy {{ service }}", "deploy {{ verzion = latest }}"] });
    // @ts-expect-error nor in the long form
    defineAlias({ action: deploy, formats: [{ representation: "deploy {{ servize }}" }] });
    // @ts-expect-error nor in what help shows
    defineAlias({ action: deploy, formats: [{ display: "deploy {{ servize }}", representation: "deploy {{ service }}" }] });
    // @ts-expect-error nor in a list of the long form
    defineAlias({ action: deploy, formats: [{ representation: ["deploy {{ service }}", "deploy {{ servize }}"] }] });
    // @ts-expect-error nor as a group of a regular expression
    defineAlias({ action: deploy, formats: [{ representation: "deploy (?P<servize>\\w+)" }] });
    // @ts-expect-error the input of a whole z.object counts the same
    defineAlias({ action: whole, formats: ["hello {{ nam }}"] });
    // @ts-expect-error a fixed value needs a parameter too
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], immutable: { verzion: "1" } });
    // @ts-expect-error and is of its type
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], immutable: { version: 1 } });
    const fine = defineAlias({
      action: deploy,
      formats: ["deploy {{ service }}", { representation: "d (?P<version>\\w+)" }],
      immutable: { version: "1" },
    });
    expect(fine.spec.immutable).toEqual({ version: "1" });
  });

  test("does not compile with a reply that asks for what is not there", () => {
    // @ts-expect-error output is not what it is called
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], reply: "Deployed: {{ output.url }}" });
    // @ts-expect-error not in the second place either
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], reply: "{{ result.url }} {{ url }}" });
    // @ts-expect-error the output has no urll
    defineAlias({ action: rolled, formats: ["deploy"], reply: "Deployed: {{ result.urll }}" });
    // @ts-expect-error by its long name neither
    defineAlias({ action: rolled, formats: ["deploy"], reply: "Deployed: {{ execution.result.urll }}" });
    // @ts-expect-error the input has no servize
    defineAlias({ action: rolled, formats: ["deploy"], reply: "Deployed: {{ execution.parameters.servize }}" });
    // @ts-expect-error there is no result yet when a command is acknowledged
    defineAlias({ action: rolled, formats: ["deploy"], ack: { format: "{{ result.url }}" } });
    // @ts-expect-error nor has it behind a filter
    defineAlias({ action: rolled, formats: ["deploy"], reply: "{{ result.urll | upper }}" });
    defineAlias({ action: rolled, formats: ["deploy"], reply: "{% if result.url %}{{ result.url | upper }}{% endif %}" });
    const fine = defineAlias({
      action: rolled,
      formats: ["deploy"],
      reply: "{{ result.url }} {{ execution.result.url }} {{ execution.parameters.service }}",
      ack: { format: "On it, {{ asker.name }}: {{ execution.parameters.service }}", as: "message" },
    });
    expect(fine.spec.ack).toEqual({ format: "On it, {{ asker.name }}: {{ execution.parameters.service }}", as: "message" });
  });
});
