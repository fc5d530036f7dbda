import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Counts up, a number to a line",
  repeatable: true,
  input: { to: z.number() },
  output: z.object({ lines: z.string() }),
  run: ({ input }) => ({
    lines: Array.from({ length: input.to }, (_, index) => `this is line number ${index + 1} of ${input.to}`).join("\n"),
  }),
});
