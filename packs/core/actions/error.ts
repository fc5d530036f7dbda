import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Say something on standard error",
  input: { message: z.string().describe("What to say.") },
  output: z.object({
    stdout: z.string(),
    stderr: z.string().describe("The message."),
    return_code: z.int(),
    succeeded: z.boolean(),
    failed: z.boolean(),
  }),
  repeatable: true,
  // As in StackStorm it succeeds: what is tried out with it is a workflow that reads `result.stderr`.
  run: ({ input }) => ({ stdout: "", stderr: input.message, return_code: 0, succeeded: true, failed: false }),
});
