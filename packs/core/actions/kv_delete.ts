import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Delete a value that the installation keeps",
  input: { key: z.string().min(1).describe("Its name.") },
  output: z.object({ key: z.string(), deleted: z.boolean() }),
  repeatable: true,
  run: async ({ input: { key }, kv }) => ({ key, deleted: await kv.system.delete(key) }),
});
