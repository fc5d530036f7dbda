import { isFields } from "@bellhop/contracts";
import { parseJson } from "./call.ts";
import { messageFields } from "./events.ts";
import { channelOf, isTrue, listOf, messageOf, mustBeIn, Refusal, threadOf, type Args, type Method } from "./method.ts";
import { edit, openDirect, post, remove, whisper, type Channel, type Metadata, type Workspace } from "./state.ts";

const LONGEST_POST = 40_000;
const LONGEST_UPDATE = 4_000;
const MOST_BLOCKS = 50;
const MOST_ATTACHMENTS = 100;
const LARGEST_METADATA = 16_384;

const postMessage: Method = {
  required: ["channel"],
  run: ({ workspace, announce }, args) => {
    const channel = destination(workspace, args.channel);
    mustBeIn(workspace, channel);
    if (channel.archived) throw new Refusal("is_archived"); // chat.postMessage: "Channel has been archived."
    const content = contentOf(args);
    if (content.text === undefined && !content.blocks && !content.attachments) throw new Refusal("no_text"); // chat.postMessage
    const threadTs = threadOf(channel, args.thread_ts);
    const text = content.text ?? "";
    const change = post(workspace, channel, {
      ...content,
      // chat.postMessage, "Truncating content": Slack cuts at 40,000 characters instead of refusing.
      text: text.slice(0, LONGEST_POST),
      user: workspace.bot.userId,
      botId: workspace.bot.botId,
      threadTs,
      broadcast: threadTs !== undefined && isTrue(args.reply_broadcast),
      metadata: metadataOf(args.metadata) ?? undefined,
    });
    announce(change);
    const { message } = change;
    return {
      channel: channel.id,
      ts: message.ts,
      message: { ...messageFields(workspace, channel, message), ...(message.metadata && { metadata: message.metadata }) },
      ...(text.length > LONGEST_POST && { response_metadata: { warnings: ["message_truncated"] } }),
    };
  },
};

const postEphemeral: Method = {
  required: ["channel", "user"],
  run: ({ workspace, announce }, args) => {
    const channel = destination(workspace, args.channel);
    mustBeIn(workspace, channel);
    if (channel.archived) throw new Refusal("is_archived"); // chat.postEphemeral
    if (!channel.members.has(args.user ?? "")) throw new Refusal("user_not_in_channel"); // chat.postEphemeral
    const content = contentOf(args);
    if (content.text === undefined && !content.blocks && !content.attachments) throw new Refusal("no_text"); // chat.postEphemeral
    const said = { only: args.user ?? "", text: content.text ?? "", blocks: content.blocks, threadTs: threadOf(channel, args.thread_ts) };
    const { change, ts } = whisper(workspace, channel, said);
    if (change) announce(change);
    return { message_ts: ts };
  },
};

const update: Method = {
  required: ["channel", "ts"],
  run: ({ workspace, announce }, args) => {
    // chat.update takes a conversation's id only ("ensure that this value is a DM ID").
    const channel = channelOf(workspace, args.channel);
    const before = messageOf(channel, args.ts, "message_not_found"); // chat.update: "No message exists with the requested timestamp."
    if (before.botId !== workspace.bot.botId) throw new Refusal("cant_update_message"); // chat.update
    if (channel.archived) throw new Refusal("is_inactive"); // chat.update: "… within a frozen, archived or deleted channel."
    const content = contentOf(args);
    if (content.text === undefined && !content.blocks && !content.attachments) throw new Refusal("no_text"); // chat.update
    const text = content.text ?? before.text;
    // chat.update: `msg_too_long`. That it refuses from 4,000 bytes on, unlike a post, is known from users' reports (gitlab-org/gitlab!258898).
    if (Buffer.byteLength(text) > LONGEST_UPDATE) throw new Refusal("msg_too_long");
    const metadata = metadataOf(args.metadata);
    const change = edit(workspace, channel, {
      ...content,
      ts: before.ts,
      user: workspace.bot.userId,
      text,
      // chat.update: without the argument the former metadata stays, an empty object takes it away.
      metadata: metadata === undefined ? before.metadata : (metadata ?? undefined),
    });
    if (change?.kind !== "edited") throw new Refusal("message_not_found");
    announce(change);
    const message = {
      ...messageFields(workspace, channel, change.message),
      ...(change.message.metadata && { metadata: change.message.metadata }),
    };
    return { channel: channel.id, ts: before.ts, text, message };
  },
};

const deleteMessage: Method = {
  required: ["channel", "ts"],
  run: ({ workspace, announce }, args) => {
    const channel = channelOf(workspace, args.channel);
    const message = messageOf(channel, args.ts, "message_not_found"); // chat.delete: "No message exists with the requested timestamp."
    if (message.botId !== workspace.bot.botId) throw new Refusal("cant_delete_message"); // chat.delete
    const change = remove(workspace, channel, message.ts);
    if (change) announce(change);
    return { channel: channel.id, ts: message.ts };
  },
};

export const chatMethods: Readonly<Record<string, Method>> = {
  "chat.postMessage": postMessage,
  "chat.postEphemeral": postEphemeral,
  "chat.update": update,
  "chat.delete": deleteMessage,
};

/** chat.postMessage, "Channels": an id, a channel's name with or without `#`, or a person's id for the direct conversation with them. */
function destination(workspace: Workspace, name: string | undefined): Channel {
  const person = workspace.users.get(name ?? "");
  if (person && !person.isBot) return openDirect(workspace, [person.id]).channel;
  const named = [...workspace.channels.values()].find((channel) => channel.name !== "" && channel.name === name?.replace(/^#/, ""));
  return channelOf(workspace, named?.id ?? name);
}

function contentOf(args: Args): { text?: string; blocks?: unknown[]; attachments?: unknown[] } {
  const blocks = listOf(args.blocks, "invalid_blocks_format"); // chat.postMessage: "The blocks is not a valid JSON object or doesn't match the Block Kit syntax."
  const untyped = blocks?.some((block) => typeof block.type !== "string");
  if (untyped || (blocks?.length ?? 0) > MOST_BLOCKS) throw new Refusal("invalid_blocks"); // chat.postMessage
  mustBePressable(blocks ?? []);
  const attachments = listOf(args.attachments, "invalid_attachments"); // chat.update
  if ((attachments?.length ?? 0) > MOST_ATTACHMENTS) throw new Refusal("too_many_attachments"); // chat.postMessage: at most 100
  // chat.postMessage: markdown_text "should not be used in conjunction with blocks or text".
  if (args.markdown_text && (args.text || blocks)) throw new Refusal("markdown_text_conflict");
  return { text: args.text || args.markdown_text || undefined, blocks, attachments };
}

/** docs.slack.dev/reference/block-kit/blocks/actions-block: 25 elements. …/block-elements: 75 characters of a button, 100 options, 75 and 150 characters of one,
 *  and an action_id "unique among all other action_ids in the containing block". */
function mustBePressable(blocks: readonly Record<string, unknown>[]): void {
  for (const { type, elements } of blocks) {
    if (type !== "actions") continue;
    const all = Array.isArray(elements) ? elements.filter(isFields) : [];
    const ids = new Set(all.map(({ action_id }) => action_id));
    const fits = all.every(({ text, options, action_id }) => {
      const label = !isFields(text) ? "-" : typeof text.text === "string" ? text.text : "";
      const some = Array.isArray(options) ? options.filter(isFields) : [];
      const named = typeof action_id === "string" && action_id !== "" && action_id.length <= 255;
      return named && label !== "" && label.length <= 75 && some.length <= 100 && some.every(({ value }) => String(value).length <= 150);
    });
    if (all.length === 0 || all.length > 25 || ids.size < all.length || !fits) throw new Refusal("invalid_blocks");
  }
}

/** Undefined when the argument is absent, null for the empty object that takes metadata away (chat.update). */
function metadataOf(text: string | undefined): Metadata | null | undefined {
  if (!text) return undefined;
  const parsed = parseJson(text);
  if (!isFields(parsed)) throw new Refusal("invalid_metadata_format"); // chat.postMessage, chat.update: "Invalid metadata format provided."
  if (Object.keys(parsed).length === 0) return null;
  const { event_type, event_payload } = parsed;
  // chat.postMessage, chat.update: "Invalid metadata schema provided." The shape is that of docs.slack.dev/messaging/message-metadata.
  if (typeof event_type !== "string" || event_type === "" || !isFields(event_payload)) throw new Refusal("invalid_metadata_schema");
  if (Buffer.byteLength(text) > LARGEST_METADATA) throw new Refusal("metadata_too_large"); // chat.update: "Metadata exceeds size limit."
  return { event_type, event_payload };
}
