import { messageKey, type Conversation, type Message } from "@bellhop/contracts";
import { z } from "zod";

/** Who we are in the workspace. */
export interface Self {
  /** The bot's user id (U…): our account. */
  account: string;
  /** T… */
  team: string;
}

/** What Socket Mode delivered: the payload of an `events_api` envelope, and whether Slack sent it before. */
export interface Delivery {
  body: unknown;
  retry: boolean;
}

/** The message somebody addressed to us, or undefined for everything else. The `message` and `app_mention` events of one message give
 *  messages with the same key, and so do all its redeliveries: Slack's `ts` is unique in its channel, its envelopes are not. */
export function toMessage(delivery: Delivery, self: Self): Message | undefined {
  const parsed = Callback.safeParse(delivery.body);
  if (!parsed.success) return undefined;
  const { event, team_id } = parsed.data;
  if (!isWrittenByPerson(event, self)) return undefined;
  const direct = event.channel_type === "im" || (event.channel_type === undefined && event.channel.startsWith("D"));
  const called = addressed(event.text, { self, direct });
  if (called === undefined) return undefined;

  const platform = "slack";
  const conversation: Conversation = {
    space: self.team,
    channel: event.channel,
    thread: event.thread_ts,
    kind: direct ? "direct" : "room",
  };
  return {
    v: 1,
    key: messageKey({ platform, account: self.account, conversation, id: event.ts }),
    platform,
    account: self.account,
    conversation,
    author: { platform, space: event.user_team ?? event.team ?? team_id ?? self.team, id: event.user, kind: "human" },
    content: { text: called.text },
    addressed: called.how,
    origin: delivery.retry ? "retry" : "live",
    replyTo: {
      platform,
      account: self.account,
      space: self.team,
      channel: event.channel,
      // In a room each command gets a thread under itself; a direct conversation is quiet enough without.
      thread: event.thread_ts ?? (direct ? undefined : event.ts),
      message: event.ts,
    },
    sentAt: new Date(Number(event.ts) * 1000).toISOString(),
  };
}

/** Slack's own notation as the text a person sees: links and mentions without their brackets, `&amp; &lt; &gt;` as characters. */
export function plainText(text: string): string {
  return text
    .replace(/<([^<>]*)>/g, (_, inner: string) => bracketed(inner))
    .replace(/&(amp|lt|gt);/g, (_, name: string) => characters[name] ?? "");
}

const Event = z.object({
  type: z.enum(["message", "app_mention"]),
  subtype: z.string().optional(),
  hidden: z.boolean().optional(),
  channel: z.string(),
  channel_type: z.string().optional(),
  user: z.string(),
  team: z.string().optional(),
  /** In channels shared between workspaces: where the author is at home. */
  user_team: z.string().optional(),
  bot_id: z.string().nullish(),
  text: z.string(),
  ts: z.string().regex(/^\d+\.\d+$/),
  thread_ts: z.string().optional(),
  edited: z.unknown().optional(),
});
type Event = z.infer<typeof Event>;

const Callback = z.object({ type: z.literal("event_callback"), team_id: z.string().optional(), event: Event });

/** Subtypes that are still a message somebody typed: shown in the channel too, with a file, written as /me. */
const typed: ReadonlySet<string> = new Set(["thread_broadcast", "file_share", "me_message"]);

/** No bot's words, our own least of all, are a command: bots that answer bots never end. An edited mention fires `app_mention` again, with a
 *  new event id; what it says now was not asked for. */
function isWrittenByPerson(event: Event, self: Self): boolean {
  if (typeof event.bot_id === "string" || event.user === self.account || event.user === "USLACKBOT") return false;
  if (event.subtype !== undefined && !typed.has(event.subtype)) return false;
  return event.hidden !== true && event.edited === undefined;
}

/** How a text calls us, and the command without the call. A mention counts where it begins the message: in the middle somebody may just be
 *  talking about the bot, and half a sentence is no command. */
function addressed(text: string, at: { self: Self; direct: boolean }): { how: Message["addressed"]; text: string } | undefined {
  const mention = new RegExp(`^\\s*<@${at.self.account}(?:\\|[^>]*)?>[\\s:,]*`).exec(text)?.[0];
  const rest = plainText(text.slice(mention?.length ?? 0)).trim();
  const command = rest.startsWith("!") ? rest.slice(1).trimStart() : rest;
  if (command === "") return mention === undefined ? undefined : { how: "mention", text: "help" };
  if (mention !== undefined) return { how: "mention", text: command };
  if (at.direct) return { how: "direct", text: command };
  return rest.startsWith("!") && /^[^\s!]/.test(rest.slice(1)) ? { how: "prefix", text: command } : undefined;
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">" };

/** What stands for `<…>`: docs.slack.dev, "Formatting message text". */
function bracketed(inner: string): string {
  const bar = inner.indexOf("|");
  const [target, label] = bar < 0 ? [inner, undefined] : [inner.slice(0, bar), inner.slice(bar + 1)];
  switch (target.charAt(0)) {
    case "@":
      return target;
    case "#":
      return `#${label || target.slice(1)}`;
    case "!":
      return label || `@${target.slice(1).split("^")[0] ?? ""}`;
    default:
      return link(target, label);
  }
}

/** A link that Slack made of a typed address reads as it was typed; one that hides its address shows it. */
function link(target: string, label: string | undefined): string {
  const address = target.replace(/^mailto:|^tel:/, "");
  if (label === undefined || label === "" || label === address) return address;
  return address.replace(/^https?:\/\//, "").replace(/\/$/, "") === label.replace(/\/$/, "") ? label : `[${label}](${address})`;
}
