import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "List the names of what the installation keeps",
  input: { prefix: z.string().default("").describe("What the names begin with.") },
  output: z.array(z.string()),
  repeatable: true,
  run: async ({ input, kv }) => await kv.system.list(input.prefix),
});
