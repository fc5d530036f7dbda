import { channelShape, emojiShape, memberShape, messageShape, userShape, type Shape } from "./shapes.ts";
import type { Change, Channel, StoredMessage, World } from "./state.ts";

/** …/docs/events/gateway#list-of-intents */
export const intents = {
  guilds: 1 << 0,
  guildMembers: 1 << 1,
  guildPresences: 1 << 8,
  guildMessages: 1 << 9,
  guildReactions: 1 << 10,
  directMessages: 1 << 12,
  directReactions: 1 << 13,
  messageContent: 1 << 15,
} as const;

/** One dispatch, before it has a sequence number. */
export interface DiscordEvent {
  t: string;
  d: Shape;
  /** A session without this intent is not told. */
  intent: number;
  /** What a session without MESSAGE_CONTENT gets instead: the same without content. */
  blind?: Shape;
}

/** What Discord tells a bot's sessions about a change: nothing of a channel that it can't see. */
export function eventsOf(world: World, change: Change): DiscordEvent[] {
  const { channel } = change;
  // Events reach nobody who may not see the channel.
  if (channel.denied.has("ViewChannel")) return [];
  const direct = channel.kind === "dm";
  const place = { channel_id: channel.id, ...(direct ? {} : { guild_id: world.guild.id }) };
  const messages = direct ? intents.directMessages : intents.guildMessages;
  const reactions = direct ? intents.directReactions : intents.guildReactions;
  switch (change.kind) {
    case "posted":
      return [told(world, { t: "MESSAGE_CREATE", channel, message: change.message, intent: messages })];
    case "edited":
    case "unfurled":
      return [told(world, { t: "MESSAGE_UPDATE", channel, message: change.message, intent: messages })];
    case "deleted":
      return [{ t: "MESSAGE_DELETE", d: { id: change.message.id, ...place }, intent: messages }];
    case "purged":
      return [{ t: "MESSAGE_DELETE_BULK", d: { ids: change.messages.map(({ id }) => id), ...place }, intent: messages }];
    case "reacted":
    case "unreacted": {
      const d = { user_id: change.user, message_id: change.message.id, emoji: emojiShape(change.emoji), burst: false, type: 0, ...place };
      if (change.kind === "unreacted") return [{ t: "MESSAGE_REACTION_REMOVE", d, intent: reactions }];
      const user = world.users.get(change.user);
      const about = {
        message_author_id: change.message.author,
        ...(!direct && { member: { ...memberShape(), user: user && userShape(user) } }),
      };
      return [{ t: "MESSAGE_REACTION_ADD", d: { ...d, ...about }, intent: reactions }];
    }
    case "opened":
      return [{ t: "THREAD_CREATE", d: { ...channelShape(world, channel), newly_created: true }, intent: intents.guilds }];
    case "archived":
      return [{ t: "THREAD_UPDATE", d: channelShape(world, channel), intent: intents.guilds }];
  }
}

function told(
  world: World,
  { t, channel, message, intent }: { t: string; channel: Channel; message: StoredMessage; intent: number },
): DiscordEvent {
  const author = world.users.get(message.author);
  const d = {
    ...messageShape(world, channel, message),
    // discord.js makes a direct channel of nothing else.
    channel_type: channelShape(world, channel).type,
    ...(message.nonce !== undefined && t === "MESSAGE_CREATE" && { nonce: message.nonce }),
    ...(channel.kind !== "dm" && { guild_id: world.guild.id, member: memberShape() }),
    mentions: message.pings.users.map((id) => {
      const user = world.users.get(id);
      return { ...(user ? userShape(user) : { id }), ...(channel.kind !== "dm" && { member: memberShape() }) };
    }),
  };
  // …/docs/events/gateway#message-content-intent: its own messages, direct ones, and those that mention it are shown whole.
  const open = author?.id === world.bot.userId || channel.kind === "dm" || message.pings.users.includes(world.bot.userId);
  return { t, d, intent, ...(!open && { blind: { ...d, content: "", embeds: [], attachments: [], components: [] } }) };
}
