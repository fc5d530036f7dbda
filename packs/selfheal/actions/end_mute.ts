import { ActionFailed, defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { mutes, unmute } from "../mutes.ts";
import { findTarget } from "../targets.ts";

export default defineAction({
  description: "Take a mute back",
  config,
  input: {
    alert: z.string().min(1).describe("What is muted: a target, or the fingerprint of an alert."),
    by: z.string().default("").describe("Who wants it."),
  },
  output: z.object({ room: z.string(), key: z.string().describe("The key of the message that told of it."), text: z.string() }),
  // Done twice, it would say that nothing was muted.
  repeatable: false,
  run: async ({ input, config, kv }) => {
    const found = findTarget(config, input.alert);
    const alert = found.kind === "found" ? found.target.name : input.alert;
    if (!(await unmute(kv, alert))) {
      const there = (await mutes(kv)).map((one) => one.alert).join(", ");
      throw new ActionFailed(`${alert} is not muted.`, { hint: there === "" ? "Nothing is." : `What is: ${there}.` });
    }
    const by = input.by === "" ? "" : ` (${input.by})`;
    return { room: config.room, key: `selfheal/mute/${alert}`, text: `🔔 **${alert} is not muted any more**${by}.` };
  },
});
