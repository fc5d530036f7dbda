import { messageKey, type Conversation, type Message } from "@bellhop/contracts";
import { z } from "zod";

/** Who we are on the homeserver. */
export interface Self {
  /** `@bellhop:example.org`: our account. */
  account: string;
  displayName?: string;
}

export interface Delivery {
  /** As a sync or /messages gave it. */
  event: unknown;
  room: string;
  /** Whether everything said in the room is said to us. */
  direct: boolean;
  origin: Message["origin"];
}

/** The message somebody addressed to us, or undefined for everything else. However often an event is given, its message has the same key. */
export function toMessage({ event, room, direct, origin }: Delivery, self: Self): Message | undefined {
  const written = readWritten(event, self);
  if (written === undefined) return undefined;
  const called = addressed(written, { self, direct });
  if (called === undefined) return undefined;

  const platform = "matrix";
  const { account } = self;
  const space = serverOf(account);
  const relation = written.content["m.relates_to"];
  const thread = relation?.rel_type === "m.thread" ? relation.event_id : undefined;
  const conversation: Conversation = { space, channel: room, thread, kind: direct ? "direct" : "room" };
  return {
    v: 1,
    key: messageKey({ platform, account, conversation, id: written.event_id }),
    platform,
    account,
    conversation,
    // A user id names its homeserver itself.
    author: { platform, id: written.sender, kind: "human" },
    content: { text: called.text },
    addressed: called.how,
    origin,
    replyTo: {
      platform,
      account,
      space,
      channel: room,
      // In a room each command gets a thread under itself; a direct conversation is quiet enough without.
      thread: thread ?? (direct ? undefined : written.event_id),
      message: written.event_id,
    },
    sentAt: new Date(written.origin_server_ts).toISOString(),
  };
}

/** Whether an event is something a person typed: what is not never becomes a message, wherever it was written. */
export function isTyped(event: unknown, self: Self): boolean {
  return readWritten(event, self) !== undefined;
}

/** What stands behind the first colon of an id. */
export function serverOf(id: string): string {
  return id.slice(id.indexOf(":") + 1);
}

const Relation = z.object({
  rel_type: z.string().optional(),
  event_id: z.string().optional(),
  "m.in_reply_to": z.object({ event_id: z.string() }).optional(),
});

const Written = z.object({
  type: z.literal("m.room.message"),
  event_id: z.string().min(1),
  sender: z.string(),
  state_key: z.undefined().optional(),
  // The last moment that ISO 8601 can say in four digits: other homeservers send what they like.
  origin_server_ts: z.int().min(0).max(253_402_300_799_999),
  content: z.object({
    // Bots speak in m.notice and never answer it; m.emote and files are no commands.
    msgtype: z.literal("m.text"),
    body: z.string(),
    formatted_body: z.string().optional().catch(undefined),
    "m.mentions": z
      .object({ user_ids: z.array(z.string()).optional() })
      .optional()
      .catch(undefined),
    "m.relates_to": Relation.optional().catch(undefined),
  }),
});
type Written = z.infer<typeof Written>;

/** No words of our own, and no edit: what was asked before it was edited was asked already. */
function readWritten(event: unknown, self: Self): Written | undefined {
  const { data } = Written.safeParse(event);
  if (data === undefined || data.sender === self.account) return undefined;
  return data.content["m.relates_to"]?.rel_type === "m.replace" ? undefined : data;
}

/** How a text calls us, and the command without the call. */
function addressed(written: Written, at: { self: Self; direct: boolean }): { how: Message["addressed"]; text: string } | undefined {
  const body = withoutQuote(written).trim();
  const call = callIn(body, written, at.self);
  const rest = body.slice(call).trim();
  const command = rest.startsWith("!") ? rest.slice(1).trimStart() : rest;
  if (command === "") return call === 0 ? undefined : { how: "mention", text: "help" };
  if (call > 0) return { how: "mention", text: command };
  if (at.direct) return { how: "direct", text: command };
  return rest.startsWith("!") && /^[^\s!]/.test(rest.slice(1)) ? { how: "prefix", text: command } : undefined;
}

/** How long the call is that a text begins with, 0 where there is none. A mention counts where it begins the message: further on somebody may
 *  just be talking about the bot, and a reply mentions whom it answers. A name alone may begin any sentence: it takes a mention, a colon or a comma. */
function callIn(body: string, { content }: Written, { account, displayName }: Self): number {
  const mentioned = content["m.mentions"]?.user_ids?.includes(account) ?? false;
  const localpart = account.slice(1, account.indexOf(":"));
  const pill = pillName(content.formatted_body ?? "", account);
  const written = `](https://matrix.to/#/${account})`;
  const link = body.startsWith("[") ? body.slice(0, body.indexOf(written) + written.length) : "";
  const names = [
    { name: link.endsWith(written) && !link.includes("\n") ? link : "", sure: true },
    { name: account, sure: true },
    { name: pill ?? "", sure: true },
    { name: displayName ?? "", sure: mentioned },
    { name: `@${localpart}`, sure: mentioned },
    { name: localpart, sure: mentioned },
  ];
  for (const { name, sure } of names) {
    if (name === "" || body.slice(0, name.length).toLowerCase() !== name.toLowerCase()) continue;
    const end = /^(?:\s*[:,]\s*|\s+|$)/.exec(body.slice(name.length))?.[0];
    // In `@bellhop:elsewhere.org` the colon is part of somebody else's id.
    if (name === `@${localpart}` && /^:\S/.test(body.slice(name.length))) continue;
    if (end !== undefined && (sure || /[:,]/.test(end))) return name.length + end.length;
  }
  return 0;
}

/** The name that a client wrote for us where the HTML begins with a mention of us. */
function pillName(html: string, account: string): string | undefined {
  const [, id, name] = /^\s*(?:<p>\s*)?<a href="https:\/\/matrix\.to\/#\/([^"?]+)(?:\?[^"]*)?">([^<]*)<\/a>/.exec(withoutReply(html)) ?? [];
  if (id !== account && id !== encodeURIComponent(account)) return undefined;
  return name?.replace(/&(amp|lt|gt|quot|#39);/g, (_, entity: string) => characters[entity] ?? "");
}

function withoutReply(html: string): string {
  const end = html.startsWith("<mx-reply>") ? html.indexOf("</mx-reply>") : -1;
  return end < 0 ? html : html.slice(end + "</mx-reply>".length);
}

/** Older clients begin a reply with what it answers: lines that were not written now. */
function withoutQuote({ content: { body, "m.relates_to": relation } }: Written): string {
  if (relation?.["m.in_reply_to"] === undefined || !/^> (?:\* )?<@/.test(body)) return body;
  const lines = body.split("\n");
  const first = lines.findIndex((line) => !line.startsWith("> "));
  return first < 0 ? "" : lines.slice(first).join("\n");
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
