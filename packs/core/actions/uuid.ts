import { defineAction, z } from "@bellhop/sdk";
import { randomUUID } from "node:crypto";

export default defineAction({
  description: "Make a new UUID",
  input: { uuid_type: z.enum(["uuid4"]).default("uuid4").describe("Which kind: random (uuid4).") },
  output: z.uuid(),
  repeatable: true,
  run: () => randomUUID(),
});
