import { setTimeout as sleep } from "node:timers/promises";
import { defineAction } from "@bellhop/sdk";

export default defineAction({
  description: "Wait 50 ms, as for somebody else's computer",
  repeatable: true,
  run: async () => {
    await sleep(50);
  },
});
