import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Keep a value for the whole installation",
  input: {
    key: z.string().min(1).describe("Its name."),
    value: z.unknown().describe("Text, or anything that is JSON."),
    ttl: z.number().positive().optional().describe("Seconds until it is not there any more."),
    secret: z.boolean().default(false).describe("Whether it is sealed where it is stored."),
  },
  output: z.object({ key: z.string() }),
  repeatable: true,
  run: async ({ input: { key, value = null, ttl, secret }, kv }) => {
    await kv.system.set(key, value, { secret, ...(ttl === undefined ? {} : { ttl }) });
    return { key };
  },
});
