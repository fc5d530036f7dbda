import { defineAction, z } from "@bellhop/sdk";
import config from "../config.ts";
import { muteOf, noteSeen, quietened } from "../mutes.ts";
import { findTarget } from "../targets.ts";
import { counted, moment } from "../words.ts";

export default defineAction({
  description: "Say what may be done about an alert: on which target, within which bounds, and which room is told",
  config,
  input: {
    target: z.string().min(1).describe("What the alert calls it: a target, or a target and a port."),
    fingerprint: z.string().default("").describe("The alert's fingerprint; nothing where a person heals without one."),
    since: z.string().min(1).describe("When the alert began to fire; without an alert, the run that heals."),
  },
  output: z.object({
    known: z.boolean().describe("Whether the target is one of ours."),
    why: z.string().describe("Why it is not."),
    target: z.string(),
    key: z.string().describe("The key of the incident's message."),
    room: z.string(),
    escalation: z.string(),
    roles: z.array(z.string()),
    choices: z.array(z.string()).describe("What a person can say where cleaning was not enough."),
    answer_within: z.int(),
    settle: z.number().describe("Seconds."),
    alert: z.boolean().describe("Whether there is an alert that has to resolve."),
    asks: z.int().describe("How often it is asked whether the alert has resolved."),
    asks_every: z.number().describe("Seconds."),
    muted: z.string().describe("Where nobody wants to hear of the alert: what is said of that. Else nothing."),
    mute_key: z.string().describe("The key of the message that tells of it."),
  }),
  repeatable: true,
  run: async ({ input, config, kv }) => {
    const { room, escalation, roles, answer_within, settle, asks_every } = config;
    const found = findTarget(config, input.target);
    const known = found.kind === "found";
    const target = known ? found.target.name : input.target;
    const alert = input.fingerprint !== "";
    const incident = { fingerprint: input.fingerprint, since: input.since, target };
    if (alert) await noteSeen(kv, incident, target);
    const mute = alert ? await muteOf(kv, incident, new Date()) : undefined;
    return {
      known,
      why: known ? "" : found.why,
      target,
      key: `selfheal/${alert ? input.fingerprint : target}/${input.since}`,
      room,
      escalation: escalation === "" ? room : escalation,
      roles,
      choices: [
        ...(known && found.target.more.length > 0 ? [choices.more] : []),
        choices.leave,
        choices.escalate,
        ...(alert ? [choices.mute] : []),
      ],
      answer_within,
      settle,
      alert,
      asks: Math.ceil((config.resolves_within * 60) / asks_every),
      asks_every,
      muted:
        mute === undefined
          ? ""
          : `🔕 **${mute.alert} is muted**${mute.by === "" ? "" : ` by ${mute.by}`} until ${moment(mute.until)}. Kept quiet: ${counted(await quietened(kv, mute), "alert")}. \`unmute ${mute.alert}\` takes it back.`,
      mute_key: mute === undefined ? "" : `selfheal/mute/${mute.alert}`,
    };
  },
});

/** As the workflow knows them. */
const choices = { more: "Clean more", leave: "Leave it", escalate: "Escalate", mute: "Mute it" } as const;
