import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Open a door",
  input: { door: z.string(), code: z.string() },
  secrets: ["code"],
  output: z.object({ door: z.string(), digits: z.number() }),
  repeatable: true,
  run: ({ input }) => ({ door: input.door, digits: input.code.length }),
});
