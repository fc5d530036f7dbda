import { ActionFailed, defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Read a value that the installation keeps",
  input: {
    key: z.string().min(1).describe("Its name."),
    default: z.unknown().optional().describe("What is given where there is none; without it that fails."),
  },
  repeatable: true,
  run: async ({ input, kv }) => {
    const value = await kv.system.get(input.key);
    if (value !== undefined) return value;
    if (input.default !== undefined) return input.default;
    throw new ActionFailed(`There is no value ${input.key}.`, { hint: "`bellhop kv list` shows what there is." });
  },
});
