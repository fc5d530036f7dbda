import type { Channel, Metadata, StoredMessage } from "./state.ts";

/** A message as a person in the room sees it now: edits applied, deleted ones gone. */
export interface RoomMessage {
  channel: string;
  /** `seconds.micros`; with the channel it names the message. */
  ts: string;
  /** The root's ts, for a reply in a thread. */
  thread_ts?: string;
  user: string;
  /** Set when the bot wrote it. */
  bot_id?: string;
  text: string;
  blocks?: unknown[];
  metadata?: Metadata;
  edited: boolean;
  reactions: { name: string; users: string[] }[];
}

/** The room from its first message to its last, replies in threads among them in the order they were written. */
export function viewRoom(channel: Channel): RoomMessage[] {
  return [...channel.messages.values()].filter((message) => !message.tombstone).map((message) => viewMessage(channel, message));
}

function viewMessage(channel: Channel, message: StoredMessage): RoomMessage {
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
  };
}
