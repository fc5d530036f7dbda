import { defineConfig, z } from "@bellhop/sdk";

export default defineConfig({
  folder: z.string().default("/tmp/bellhop-inbox").describe("The folder that examples.inbox looks into, on the runner's machine."),
  most_load: z.number().default(4).describe("What examples.load calls a high load of the runner's machine."),
});
