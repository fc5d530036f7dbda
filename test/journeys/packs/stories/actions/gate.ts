import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { defineAction, z } from "@bellhop/sdk";

export default defineAction({
  description: "Waits until a file is there",
  repeatable: true,
  input: { file: z.string() },
  run: async ({ input, signal }) => {
    while (!existsSync(input.file)) await pause(20, undefined, { signal });
    return {};
  },
});
