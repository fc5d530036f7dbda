import { messageFields } from "./events.ts";
import { channelOf, isTrue, isTs, mustBeIn, pageOf, Refusal, type Args, type Method } from "./method.ts";
import { openDirect, repliesTo, type Channel, type Metadata, type StoredMessage, type Workspace } from "./state.ts";

const history: Method = {
  required: ["channel"],
  run: ({ workspace }, args) => {
    const channel = channelOf(workspace, args.channel);
    mustBeIn(workspace, channel);
    // conversations.history: threads show their root only, and replies that were sent to the channel too.
    const shown = [...channel.messages.values()].filter(({ ts, threadTs, broadcast }) => !threadTs || threadTs === ts || broadcast);
    const page = pageOf(shown.filter(within(args)).reverse(), args, { limit: 100, most: 999, cursorTo }); // conversations.history: 100 unless told, at most 999
    return { ...answerPage(workspace, channel, page, args), pin_count: 0 };
  },
};

const replies: Method = {
  required: [], // conversations.replies names channel_not_found and thread_not_found for what is missing, too
  run: ({ workspace }, args) => {
    const channel = channelOf(workspace, args.channel);
    mustBeIn(workspace, channel);
    const asked = channel.messages.get(args.ts ?? "");
    if (!asked) throw new Refusal("thread_not_found"); // conversations.replies: "Value for ts was missing or invalid."
    const root = channel.messages.get(asked.threadTs ?? asked.ts) ?? asked;
    const page = pageOf([root, ...repliesTo(channel, root.ts).filter(within(args))], args, { limit: 1000, most: 1000, cursorTo }); // conversations.replies: 1000 unless told
    return answerPage(workspace, channel, page, args);
  },
};

const open: Method = {
  required: [],
  run: ({ workspace }, args) => {
    if (args.channel) {
      const channel = channelOf(workspace, args.channel);
      if (channel.kind !== "im" && channel.kind !== "mpim") throw new Refusal("method_not_supported_for_channel_type"); // conversations.open
      return { channel: { id: channel.id }, no_op: true, already_open: true };
    }
    const users = (args.users ?? "").split(",").filter((id) => id !== "");
    if (users.length === 0) throw new Refusal("users_list_not_supplied"); // conversations.open: "Missing users in request."
    if (users.length > 8) throw new Refusal("too_many_users"); // conversations.open: "Needs at most 8 users to open."
    if (users.some((id) => !workspace.users.has(id))) throw new Refusal("user_not_found"); // conversations.open
    const { channel, existed } = openDirect(workspace, users);
    return { channel: { id: channel.id }, ...(existed && { no_op: true, already_open: true }) };
  },
};

export const conversationMethods: Readonly<Record<string, Method>> = {
  "conversations.history": history,
  "conversations.replies": replies,
  "conversations.open": open,
};

function within(args: Args): (message: StoredMessage) => boolean {
  const { oldest, latest } = args;
  const inclusive = isTrue(args.inclusive);
  if (oldest && !isMoment(oldest)) throw new Refusal("invalid_ts_oldest"); // conversations.history, conversations.replies
  if (latest && !isMoment(latest)) throw new Refusal("invalid_ts_latest"); // conversations.history, conversations.replies
  return ({ ts }) => {
    const [moment, from, to] = [micros(ts), oldest ? micros(oldest) : 0, latest ? micros(latest) : Infinity];
    return (moment > from && moment < to) || (inclusive && (moment === from || moment === to));
  };
}

function answerPage(
  workspace: Workspace,
  channel: Channel,
  { items, next }: { items: StoredMessage[]; next?: string },
  args: Args,
): Record<string, unknown> {
  // docs.slack.dev/messaging/message-metadata: the payload comes with include_all_metadata only, the type always.
  const shown = ({ event_type, event_payload }: Metadata) =>
    isTrue(args.include_all_metadata) ? { event_type, event_payload } : { event_type };
  return {
    messages: items.map((message) => ({
      ...messageFields(workspace, channel, message),
      ...(message.metadata && { metadata: shown(message.metadata) }),
    })),
    has_more: next !== undefined,
    response_metadata: { next_cursor: next ?? "" },
  };
}

function cursorTo({ ts }: StoredMessage): string {
  return Buffer.from(`next_ts:${ts.replace(".", "")}`).toString("base64");
}

/** Bounds may be whole seconds too. */
function isMoment(text: string): boolean {
  return isTs(text) || /^\d+(\.\d{1,6})?$/.test(text);
}

/** Whole microseconds: seconds with a fraction would lose the last digit. */
function micros(ts: string): number {
  const [seconds = "0", fraction = ""] = ts.split(".");
  return Number(seconds) * 1e6 + Number(fraction.padEnd(6, "0"));
}
