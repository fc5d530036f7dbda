import { defineAlias } from "@bellhop/sdk";
import sleep from "../actions/sleep.ts";

export default defineAlias({
  action: sleep,
  formats: ["sleep {{ seconds = 1 }}"],
  description: "Wait some seconds",
  reply: "Slept {{ result.seconds }} s.",
});
