import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Says how busy two hosts are, in a table",
  repeatable: true,
  output: z.object({ text: z.string() }),
  run: () => ({ text: "| host | load |\n| --- | --: |\n| web-1 | 0.5 |\n| web-2 | 12 |" }),
});
