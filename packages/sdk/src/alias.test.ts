import { describe, expect, test } from "vitest";
import { defineAction, defineAlias, isAlias, z } from "./index.ts";

const deploy = defineAction({
  description: "Deploy a service",
  input: { service: z.string(), version: z.string().default("latest") },
  run: () => ({ url: "" }),
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
      reply: "Deployed: {{ result.url }} by {{ execution.user }}, {{result}}, {{ asker.mention }}",
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
    // @ts-expect-error nor in a list of the long form
    defineAlias({ action: deploy, formats: [{ representation: ["deploy {{ service }}", "deploy {{ servize }}"] }] });
    // @ts-expect-error the input of a whole z.object counts the same
    defineAlias({ action: whole, formats: ["hello {{ nam }}"] });
    // @ts-expect-error a fixed value needs a parameter too
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], immutable: { verzion: "1" } });
    expect(true).toBe(true);
  });

  test("does not compile with a reply that starts with anything but result and execution", () => {
    // @ts-expect-error output is not what it is called
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], reply: "Deployed: {{ output.url }}" });
    // @ts-expect-error not in the second place either
    defineAlias({ action: deploy, formats: ["deploy {{ service }}"], reply: "{{ result.url }} {{ url }}" });
    expect(true).toBe(true);
  });
});
