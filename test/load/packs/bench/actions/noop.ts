import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Do nothing, so that what is left is the way there and back",
  output: z.object({ done: z.boolean() }),
  repeatable: true,
  run: () => ({ done: true }),
});
