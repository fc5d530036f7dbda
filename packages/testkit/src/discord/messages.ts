import { fieldsOf, isFields } from "@bellhop/contracts";
import { bodyOf, channelOf, isSnowflake, messageOf, mustBeAllowed, refusals, type Call, type Route } from "./route.ts";
import { componentsOf } from "./interactions.ts";
import { messageShape } from "./shapes.ts";
import { pingsOf, type AllowedMentions } from "./pings.ts";
import { addFile, edit, post, remove, timeOf, type Channel, type StoredFile, type StoredMessage, type World } from "./state.ts";

const LONGEST = 2_000;
const LONGEST_NONCE = 25;
const MOST_EMBEDS = 10;
const MOST_FILES = 10;
/** …#create-message-limitations */
const LARGEST_REQUEST = 25 * 1024 * 1024;
const SUPPRESS_EMBEDS = 1 << 2;
const SUPPRESS_NOTIFICATIONS = 1 << 12;

const create: Route = {
  run: ({ world, announce, nonceMs, fileLimit }, call) => {
    const channel = channelOf(world, call.ids[0]);
    mustBeAllowed(channel, channel.kind === "thread" ? "SendMessagesInThreads" : "SendMessages");
    if (channel.locked) throw refusals.archived();
    if (channel.kind === "dm" && world.users.get(channel.recipient ?? "")?.closed) throw refusals.closedToUs();
    const body = bodyOf(call);
    const { content, embeds } = contentOf(body);
    mustFit(call, fileLimit);
    if (call.files.size > 0) mustBeAllowed(channel, "AttachFiles");
    if ((content ?? "").trim() === "" && !embeds?.length && call.files.size === 0) throw refusals.empty();
    const allowed = allowedOf(body.allowed_mentions);
    const nonce = nonceOf(body.nonce);
    // "If another message was created by the same author with the same nonce, that message will be returned" (…#create-message).
    const before = nonce !== undefined && body.enforce_nonce === true ? rememberedBy(world, channel, { nonce, nonceMs }) : undefined;
    if (before) return { status: 200, body: { ...messageShape(world, channel, before), nonce } };
    const replyTo = referenceOf(channel, body.message_reference);
    const pings = pingsOf(world, content ?? "", allowed);
    const repliedTo = replyTo === undefined ? undefined : channel.messages.get(replyTo)?.author;
    // Without allowed_mentions a reply notifies whom it answers.
    if (repliedTo && (allowed ? allowed.replied_user : true) && !pings.users.includes(repliedTo)) pings.users.push(repliedTo);
    const change = post(world, channel, {
      author: world.bot.userId,
      // Discord cuts white space off both ends.
      content: (content ?? "").trim(),
      embeds: embeds ?? [],
      components: componentsOf(body.components),
      files: attached(world, call),
      flags: flagsOf(body.flags),
      replyTo,
      nonce,
      pings,
    });
    announce(change);
    return { status: 200, body: { ...messageShape(world, channel, change.message), ...(nonce !== undefined && { nonce }) } };
  },
};

const change: Route = {
  run: ({ world, announce, fileLimit }, call) => {
    const channel = channelOf(world, call.ids[0]);
    const before = messageOf(channel, call.ids[1]);
    if (before.author !== world.bot.userId) throw refusals.notTheAuthor();
    if (channel.archived || channel.locked) throw refusals.archived();
    const body = bodyOf(call);
    const { content = before.content, embeds = before.embeds } = contentOf(body);
    mustFit(call, fileLimit);
    if (call.files.size > 0) mustBeAllowed(channel, "AttachFiles");
    const kept = keptOf(before, body.attachments);
    if (kept.length + call.files.size > MOST_FILES) throw refusals.tooManyFiles();
    if (content.trim() === "" && embeds.length === 0 && kept.length + call.files.size === 0) throw refusals.empty();
    const pings = pingsOf(world, content, allowedOf(body.allowed_mentions));
    const changed = edit(world, channel, {
      id: before.id,
      content: content.trim(),
      embeds,
      ...(body.components !== undefined && { components: componentsOf(body.components) }),
      files: [...kept, ...attached(world, call)],
      pings,
      ...(body.flags !== undefined && { flags: flagsOf(body.flags) }),
    });
    if (!changed) throw refusals.unknownMessage();
    announce(changed);
    return { status: 200, body: messageShape(world, channel, changed.message) };
  },
};

const take: Route = {
  run: ({ world, announce }, call) => {
    const channel = channelOf(world, call.ids[0]);
    const message = messageOf(channel, call.ids[1]);
    if (message.author !== world.bot.userId) mustBeAllowed(channel, "ManageMessages");
    const removed = remove(channel, message.id);
    if (removed) announce(removed);
    return { status: 204 };
  },
};

const one: Route = {
  run: ({ world }, call) => {
    const channel = channelOf(world, call.ids[0]);
    mustBeAllowed(channel, "ReadMessageHistory");
    return { status: 200, body: messageShape(world, channel, messageOf(channel, call.ids[1])) };
  },
};

/** Newest first, whichever end of the range is asked for; `after` gives the messages that follow at once, not the newest ones. */
const list: Route = {
  run: ({ world }, { ids, query }) => {
    const channel = channelOf(world, ids[0]);
    const limit = limitOf(query.get("limit"));
    const [before, after, around] = ["before", "after", "around"].map((name) => boundOf(name, query.get(name)));
    // "If the current user is missing the READ_MESSAGE_HISTORY permission in the channel, no messages will be returned" (…#get-channel-messages).
    const all = channel.denied.has("ReadMessageHistory") ? [] : [...channel.messages.values()];
    const page = around !== undefined ? nearest(all, around, limit) : ranged(all, { before, after, limit });
    return { status: 200, body: page.reverse().map((message) => messageShape(world, channel, message)) };
  },
};

export const messageRoutes: Readonly<Record<string, Route>> = {
  "POST /channels/:id/messages": create,
  "GET /channels/:id/messages": list,
  "GET /channels/:id/messages/:id": one,
  "PATCH /channels/:id/messages/:id": change,
  "DELETE /channels/:id/messages/:id": take,
};

function contentOf(body: Record<string, unknown>): { content?: string; embeds?: unknown[] } {
  const { content, embeds } = body;
  if (content !== undefined && content !== null && typeof content !== "string") {
    throw refusals.form("content", "BASE_TYPE_INVALID", "Not a valid string.");
  }
  // Code points are counted, not UTF-16 units. 2,000 is what bots have (…#create-message).
  if (content && Array.from(content).length > LONGEST) {
    throw refusals.form("content", "BASE_TYPE_MAX_LENGTH", `Must be ${LONGEST} or fewer in length.`);
  }
  if (embeds !== undefined && (!Array.isArray(embeds) || embeds.length > MOST_EMBEDS)) {
    throw refusals.form("embeds", "BASE_TYPE_BAD_LENGTH", `Must be between 0 and ${MOST_EMBEDS} in length.`);
  }
  return { content: content ?? undefined, embeds };
}

function mustFit({ files, bytes }: Call, fileLimit: number): void {
  if (files.size > MOST_FILES) throw refusals.tooManyFiles();
  if (bytes > LARGEST_REQUEST || [...files.values()].some(({ content }) => content.byteLength > fileLimit)) throw refusals.tooLarge();
}

/** The files that came with a call. Where it lists its attachments, each of them must be listed: "for new attachments this must match the n in files[n]",
 *  and "must contain all attachments that should be present after edit" (…#attachment-object-attachment-request-structure, …#edit-message). */
function attached(world: World, { files, body }: Call): StoredFile[] {
  const listed =
    isFields(body) && Array.isArray(body.attachments)
      ? body.attachments.map((item) => (isFields(item) ? Number(item.id) : NaN))
      : undefined;
  for (const n of files.keys()) {
    if (listed?.includes(n) === false) throw refusals.form("attachments", "ATTACHMENT_NOT_FOUND", `files[${n}] is not listed.`);
  }
  return [...files].sort(([a], [b]) => a - b).map(([, file]) => addFile(world, file));
}

/** "Any previously-added files that aren't included will be removed" (…/docs/reference#editing-message-attachments). */
function keptOf({ files }: StoredMessage, attachments: unknown): StoredFile[] {
  if (!Array.isArray(attachments)) return files;
  return files.filter(({ id }) => attachments.some((item) => isFields(item) && item.id === id));
}

function nonceOf(nonce: unknown): string | number | undefined {
  if (nonce === undefined || nonce === null) return undefined;
  if (typeof nonce === "number" && Number.isSafeInteger(nonce)) return nonce;
  if (typeof nonce === "string" && nonce.length <= LONGEST_NONCE) return nonce;
  throw refusals.form("nonce", "NONCE_TYPE_INVALID", `Must be an integer or a string of at most ${LONGEST_NONCE} characters.`);
}

function rememberedBy(
  world: World,
  channel: Channel,
  { nonce, nonceMs }: { nonce: string | number; nonceMs: number },
): StoredMessage | undefined {
  return [...channel.messages.values()].find(
    (message) => message.author === world.bot.userId && message.nonce === nonce && world.now() - timeOf(message.id) <= nonceMs,
  );
}

function referenceOf(channel: Channel, reference: unknown): string | undefined {
  if (reference === undefined || reference === null) return undefined;
  const { message_id: id, channel_id: where = channel.id, fail_if_not_exists: strict = true } = fieldsOf(reference);
  if (!isSnowflake(id)) throw refusals.form("message_reference.message_id", "BASE_TYPE_REQUIRED", "This field is required");
  if (channel.denied.has("ReadMessageHistory")) throw refusals.replyNeedsHistory();
  if (where !== channel.id) {
    throw refusals.form("message_reference", "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Cannot reply to a message in a different channel");
  }
  if (channel.messages.has(id)) return id;
  if (strict) throw refusals.form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
  return undefined; // "… or if to send as a normal (non-reply) message instead" (…#message-reference-structure)
}

function allowedOf(value: unknown): AllowedMentions | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value)) throw refusals.form("allowed_mentions", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
  const parse = idsOf(value.parse);
  const kinds = ["users", "roles", "everyone"];
  if (parse?.some((kind) => !kinds.includes(kind))) {
    throw refusals.form("allowed_mentions.parse", "BASE_TYPE_CHOICES", `Value must be one of {${kinds.join(", ")}}.`);
  }
  const [users, roles] = [idsOf(value.users), idsOf(value.roles)];
  // …#allowed-mentions-object: "Invalid because parse: ["users"] and users: [123, 124] are both present".
  if ((parse?.includes("users") && users?.length) || (parse?.includes("roles") && roles?.length)) {
    throw refusals.form("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse and its list are mutually exclusive.");
  }
  return { parse, users, roles, replied_user: value.replied_user === true };
}

function idsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}

/** A bot may set these two (…#create-message). */
function flagsOf(value: unknown): number {
  return typeof value === "number" ? value & (SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS) : 0;
}

function limitOf(text: string | null): number {
  const limit = text === null ? 50 : Number(text);
  if (!Number.isInteger(limit)) throw refusals.form("limit", "NUMBER_TYPE_COERCE", `Value "${text}" is not int.`);
  if (limit < 1) throw refusals.form("limit", "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.");
  if (limit > 100) throw refusals.form("limit", "NUMBER_TYPE_MAX", "int value should be less than or equal to 100.");
  return limit;
}

function boundOf(name: string, text: string | null): bigint | undefined {
  if (text === null) return undefined;
  if (!/^\d{1,20}$/.test(text)) throw refusals.form(name, "NUMBER_TYPE_COERCE", `Value "${text}" is not snowflake.`);
  return BigInt(text);
}

function ranged(
  all: readonly StoredMessage[],
  { before, after, limit }: { before: bigint | undefined; after: bigint | undefined; limit: number },
): StoredMessage[] {
  if (after !== undefined) return all.filter(({ id }) => BigInt(id) > after).slice(0, limit);
  return all.filter(({ id }) => before === undefined || BigInt(id) < before).slice(-limit);
}

function nearest(all: readonly StoredMessage[], around: bigint, limit: number): StoredMessage[] {
  const at = all.findIndex(({ id }) => BigInt(id) >= around);
  const middle = at < 0 ? all.length : at;
  const from = Math.max(0, middle - Math.floor(limit / 2));
  return all.slice(from, from + limit);
}
