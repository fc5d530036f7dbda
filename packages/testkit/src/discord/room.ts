import { timeOf, type Channel, type StoredMessage, type World } from "./state.ts";

/** A message as a person in the room sees it now: edits applied, deleted ones gone. */
export interface RoomMessage {
  channel: string;
  /** A snowflake. */
  id: string;
  author: string;
  /** Written by a bot. */
  bot: boolean;
  text: string;
  /** The message it answers. */
  reply_to?: string;
  /** Whom it notified: ids, and "everyone". */
  pings: string[];
  edited: boolean;
  reactions: { name: string; users: string[] }[];
  files: RoomFile[];
  /** When it was said, in ms since the epoch. */
  at: number;
}

export interface RoomFile {
  name: string;
  type: string;
  bytes: Uint8Array;
}

/** The room from its first message to its last. A thread is a room of its own. */
export function viewRoom(world: World, channel: Channel): RoomMessage[] {
  return [...channel.messages.values()].map((message) => viewMessage(world, channel, message));
}

export function viewMessage(world: World, channel: Channel, message: StoredMessage): RoomMessage {
  const { users, roles, everyone } = message.pings;
  return {
    channel: channel.id,
    id: message.id,
    author: message.author,
    bot: world.users.get(message.author)?.isBot ?? false,
    text: message.content,
    reply_to: message.replyTo,
    pings: [...users, ...roles, ...(everyone ? ["everyone"] : [])],
    edited: message.editedAt !== undefined,
    reactions: message.reactions.map(({ emoji, users: who }) => ({ name: emoji, users: [...who] })),
    files: message.files.map(({ name, type, content }) => ({ name, type, bytes: content })),
    at: timeOf(message.id),
  };
}
