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
  /** Shown to this person alone. */
  only?: string;
  /** What can be pressed below it, as people read it. */
  pressable: string[];
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
    pressable: message.components.flatMap(({ components }) => (Array.isArray(components) ? components : []).map(labelOf)),
    reply_to: message.replyTo,
    pings: [...users, ...roles, ...(everyone ? ["everyone"] : [])],
    edited: message.editedAt !== undefined,
    reactions: message.reactions.map(({ emoji, users: who }) => ({ name: emoji, users: [...who] })),
    files: message.files.map(({ name, type, content }) => ({ name, type, bytes: content })),
    at: timeOf(message.id),
  };
}

/** What one person alone sees of the bot beside what they pressed. */
export function viewEphemerals(world: World, user: string): RoomMessage[] {
  const { userId: author } = world.bot;
  return world.ephemerals
    .filter(({ only }) => only === user)
    .map(({ id, channel, only, content: text }) => ({
      channel,
      id,
      author,
      bot: true,
      text,
      only,
      pressable: [],
      pings: [],
      edited: false,
      reactions: [],
      files: [],
      at: timeOf(id),
    }));
}

function labelOf({ label, placeholder }: Record<string, unknown>): string {
  return typeof label === "string" ? label : typeof placeholder === "string" ? placeholder : "";
}
