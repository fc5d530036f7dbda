import type { Channel, Ephemeral, Metadata, StoredMessage, Workspace } from "./state.ts";

/** A message as a person in the room sees it now: edits applied, deleted ones gone. */
export interface RoomMessage {
  channel: string;
  /** `seconds.micros`; with the channel it names the message. */
  ts: string;
  /** The root's ts, for a reply in a thread. */
  thread_ts?: string;
  user: string;
  /** Set when a bot wrote it. */
  bot_id?: string;
  /** Shown to this person alone. */
  only?: string;
  text: string;
  blocks?: unknown[];
  metadata?: Metadata;
  edited: boolean;
  reactions: { name: string; users: string[] }[];
  /** Under the titles that Slack shows. */
  files: { name: string; type: string; bytes: Uint8Array }[];
}

/** The room from its first message to its last, replies in threads and what only one person sees among them in the order they were written. */
export function viewRoom(workspace: Workspace, channel: Channel): RoomMessage[] {
  return inOrder(shownIn(workspace, channel));
}

interface Shown {
  nth: number;
  shown: RoomMessage;
}

function shownIn(workspace: Workspace, channel: Channel): Shown[] {
  const messages = [...channel.messages.values()].filter((message) => !message.tombstone);
  const whispers = workspace.ephemerals.filter((ephemeral) => ephemeral.channel === channel.id);
  return [
    ...messages.map((message) => ({ nth: message.nth, shown: viewMessage(workspace, { channel, message }) })),
    ...whispers.map((ephemeral) => ({ nth: ephemeral.nth, shown: viewEphemeral(workspace, ephemeral) })),
  ];
}

/** Everything that one person can see, wherever, from the first message to the last. */
export function viewOf(workspace: Workspace, user: string): RoomMessage[] {
  const rooms = [...workspace.channels.values()].filter(({ members }) => members.has(user));
  const all = rooms.flatMap((channel) => shownIn(workspace, channel));
  return inOrder(all.filter(({ shown: { only } }) => only === undefined || only === user));
}

function viewMessage(workspace: Workspace, { channel, message }: { channel: Channel; message: StoredMessage }): RoomMessage {
  const files = (message.files ?? []).map((id) => workspace.files.get(id)).filter((file) => file?.state === "complete");
  return {
    channel: channel.id,
    ts: message.ts,
    thread_ts: message.threadTs,
    user: message.user,
    bot_id: message.botId,
    text: message.text,
    blocks: message.blocks,
    metadata: message.metadata,
    edited: message.edited !== undefined,
    reactions: message.reactions.map(({ name, users }) => ({ name, users: [...users] })),
    files: files.flatMap((file) => (file?.bytes ? [{ name: file.title, type: file.mimetype, bytes: file.bytes }] : [])),
  };
}

function viewEphemeral({ bot }: Workspace, { channel, ts, user, only, text, blocks, threadTs }: Ephemeral): RoomMessage {
  return { channel, ts, thread_ts: threadTs, user, bot_id: bot.botId, only, text, blocks, edited: false, reactions: [], files: [] };
}

function inOrder(all: Shown[]): RoomMessage[] {
  return all.sort((a, b) => a.nth - b.nth).map(({ shown }) => shown);
}
