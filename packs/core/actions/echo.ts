import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Say something back",
  input: { message: z.string().describe("What to say.") },
  output: z.object({
    stdout: z.string(),
    stderr: z.string(),
    return_code: z.int(),
    succeeded: z.boolean(),
    failed: z.boolean(),
  }),
  repeatable: true,
  // The result has the shape of a shell command's: packs that were written for `core.echo` of StackStorm read `result.stdout`.
  run: ({ input }) => ({ stdout: input.message, stderr: "", return_code: 0, succeeded: true, failed: false }),
});
