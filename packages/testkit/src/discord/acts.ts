import { pingsOf } from "./pings.ts";
import {
  addChannel,
  addFile,
  addUser,
  edit,
  openDirect,
  openThread,
  post,
  purge,
  react,
  remove,
  unfurl,
  unreact,
  type Change,
  type Channel,
  type Permission,
  type World,
} from "./state.ts";

/** What a person sends. */
export interface SentFile {
  name: string;
  type: string;
  content: Uint8Array;
}

/** What people do, and Discord by itself. */
export interface People {
  /** A text channel of the guild; gives its id. `denied`: what the bot may not do there. */
  createChannel(name: string, options?: { denied?: readonly Permission[] }): string;
  /** A public thread under a message; gives its id. */
  createThread(thread: { channel: string; message: string; name?: string; locked?: boolean }): string;
  /** Nobody spoke there for a while: the thread is not among the active ones any more. */
  archive(thread: string): void;
  /** Gives the person's id. `closed`: takes no direct messages. */
  createUser(name: string, options?: { bot?: boolean; closed?: boolean }): string;
  /** A person writes. The message stands in the room when this returns; its event is on its way. */
  say(message: { channel: string; user: string; text: string; replyTo?: string; files?: readonly SentFile[] }): Promise<{ id: string }>;
  /** A person writes to the bot directly. */
  dm(user: string, text: string, options?: { files?: readonly SentFile[] }): Promise<{ channel: string; id: string }>;
  /** The author changes, or takes back, what they wrote. */
  edit(message: { channel: string; id: string; text: string }): Promise<void>;
  remove(message: { channel: string; id: string }): Promise<void>;
  /** A moderator deletes several at once. */
  purge(messages: { channel: string; ids: readonly string[] }): Promise<void>;
  /** Discord has the preview of a link now, and tells of the message as if it had been edited. */
  unfurl(message: { channel: string; id: string }): Promise<void>;
  react(reaction: { channel: string; id: string; user: string; name: string }): Promise<void>;
  unreact(reaction: { channel: string; id: string; user: string; name: string }): Promise<void>;
}

export function createPeople(world: World, announce: (change: Change) => void): People {
  return {
    createChannel: (name, { denied = [] } = {}) => addChannel(world, { name, kind: "text", denied: new Set(denied) }).id,
    createThread: ({ channel, message, name = "thread", locked = false }) => {
      const under = channelBy(channel).messages.get(message);
      if (!under) throw new Error(`The fake Discord has no message ${message} in ${channel}`);
      const change = openThread(world, channelBy(channel), { message: under, name });
      change.channel.locked = locked;
      announce(change);
      return change.channel.id;
    },
    archive: (thread) => {
      channelBy(thread).archived = true;
      announce({ kind: "archived", channel: channelBy(thread) });
    },
    createUser: (name, about) => addUser(world, name, about).id,
    say: async (message) => say(message),
    dm: async (user, text, { files = [] } = {}) => {
      const { channel } = openDirect(world, user);
      return { channel: channel.id, ...say({ channel: channel.id, user, text, files }) };
    },
    edit: async ({ channel, id, text }) =>
      mustChange(edit(world, channelBy(channel), { id, content: text, pings: pingsOf(world, text) }), `edit at ${id}`),
    remove: async ({ channel, id }) => mustChange(remove(channelBy(channel), id), `delete at ${id}`),
    purge: async ({ channel, ids }) => announce(purge(channelBy(channel), ids)),
    unfurl: async ({ channel, id }) => mustChange(unfurl(channelBy(channel), id), `unfurl at ${id}`),
    react: async ({ channel, id, user, name }) => {
      const message = channelBy(channel).messages.get(id);
      mustChange(message && react(channelBy(channel), { message, user, emoji: name }), `react to at ${id}`);
    },
    unreact: async ({ channel, id, user, name }) => {
      const message = channelBy(channel).messages.get(id);
      mustChange(message && unreact(channelBy(channel), { message, user, emoji: name }), `take back at ${id}`);
    },
  };

  function channelBy(id: string): Channel {
    return channelIn(world, id);
  }

  function say({ channel: id, user, text, replyTo, files = [] }: Parameters<People["say"]>[0]): { id: string } {
    const channel = channelBy(id);
    if (!world.users.has(user)) throw new Error(`The fake Discord has no user ${user}`);
    if (replyTo && !channel.messages.has(replyTo)) throw new Error(`The fake Discord has no message ${replyTo} in ${id}`);
    const kept = files.map((file) => addFile(world, file));
    const change = post(world, channel, { author: user, content: text, replyTo, files: kept, pings: pingsOf(world, text) });
    announce(change);
    return { id: change.message.id };
  }

  function mustChange(change: Change | undefined, what: string): void {
    if (!change) throw new Error(`The fake Discord has nothing to ${what}`);
    announce(change);
  }
}

export function channelIn(world: World, id: string): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw new Error(`The fake Discord has no channel ${id}`);
  return channel;
}
