import { ActionFailed, defineAction, z, type KvSpace } from "@bellhop/sdk";
import config from "../config.ts";
import { mute, seen } from "../mutes.ts";
import { findTarget, type Config } from "../targets.ts";
import { lengthOf, moment } from "../words.ts";

export default defineAction({
  description: "Keep that an alert, or all alerts of a target, are to be heard of no more for a while",
  config,
  input: {
    alert: z.string().min(1).describe("A target, or the fingerprint of an alert that came."),
    time: z.string().default("").describe("How long: 30m, 2h, 7d. Without it, as long as the configuration says."),
    by: z.string().default("").describe("Who wants it."),
  },
  output: z.object({
    room: z.string(),
    key: z.string().describe("The key of the message that tells of it."),
    text: z.string().describe("What is said."),
  }),
  repeatable: true,
  run: async ({ input, config, kv }) => {
    const ms = input.time === "" ? config.mute_for * 60_000 : lengthOf(input.time);
    const { alert, words } = await named(input.alert, { config, kv });
    const { until } = await mute(kv, { alert, by: input.by, ms, now: new Date() });
    const by = input.by === "" ? "" : ` by ${input.by}`;
    const text = `🔕 **${words} muted**${by} until ${moment(until)}: nothing is healed, and nobody is called. \`unmute ${alert}\` takes it back.`;
    return { room: config.room, key: `selfheal/mute/${alert}`, text };
  },
});

/** What is muted, as it is kept and as it is said. */
async function named(called: string, { config, kv }: { config: Config; kv: KvSpace }): Promise<{ alert: string; words: string }> {
  const found = findTarget(config, called);
  if (found.kind === "found") return { alert: found.target.name, words: `All alerts of ${found.target.name} are` };
  const target = await seen(kv, called);
  if (target === undefined)
    throw new ActionFailed(`${called} is neither a target nor an alert that came within a week.`, {
      hint: `Targets: ${Object.keys(config.targets).toSorted().join(", ") || "none is configured"}. An alert is called by its fingerprint.`,
    });
  return { alert: called, words: `The alert ${called} of ${target} is` };
}
