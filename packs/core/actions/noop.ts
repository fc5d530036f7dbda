import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Do nothing, successfully",
  output: z.object({ succeeded: z.boolean(), failed: z.boolean(), return_code: z.int() }),
  repeatable: true,
  run: () => ({ succeeded: true, failed: false, return_code: 0 }),
});
