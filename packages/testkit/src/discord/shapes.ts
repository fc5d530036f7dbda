import { attachmentShape } from "./cdn.ts";
import { timeOf, type Channel, type Permission, type StoredMessage, type User, type World } from "./state.ts";

/** Objects as the API shows them. A field that Discord leaves out is left out: discord.js falls over a null there. */
export type Shape = Record<string, unknown>;

export function userShape({ id, name, isBot }: User): Shape {
  return {
    id,
    username: name,
    discriminator: "0",
    global_name: isBot ? null : name,
    avatar: null,
    public_flags: 0,
    ...(isBot && { bot: true }),
  };
}

export function messageShape(world: World, channel: Channel, message: StoredMessage): Shape {
  const { replyTo } = message;
  const repliedTo = replyTo === undefined ? undefined : channel.messages.get(replyTo);
  return {
    id: message.id,
    channel_id: channel.id,
    type: message.type,
    author: userShape(userOf(world, message.author)),
    content: message.content,
    timestamp: stamp(timeOf(message.id)),
    edited_timestamp: message.editedAt === undefined ? null : stamp(message.editedAt),
    tts: false,
    mention_everyone: message.pings.everyone,
    mentions: message.pings.users.map((id) => userShape(userOf(world, id))),
    mention_roles: message.pings.roles,
    attachments: message.files.map((file) => attachmentShape(world, channel, file)),
    embeds: message.embeds,
    components: message.components,
    pinned: false,
    flags: message.flags,
    ...(replyTo !== undefined && {
      message_reference: {
        type: 0,
        channel_id: channel.id,
        message_id: replyTo,
        ...(channel.kind !== "dm" && { guild_id: world.guild.id }),
      },
      // Null is documented here: the message was deleted.
      referenced_message: repliedTo ? messageShape(world, channel, { ...repliedTo, replyTo: undefined }) : null,
    }),
    ...(message.reactions.length > 0 && {
      reactions: message.reactions.map(({ emoji, users }) => ({
        emoji: emojiShape(emoji),
        count: users.length,
        count_details: { normal: users.length, burst: 0 },
        burst_colors: [],
        me_burst: false,
        me: users.includes(world.bot.userId),
      })),
    }),
  };
}

export function channelShape(world: World, channel: Channel): Shape {
  const { id, name, kind, parent, recipient, archived, locked, lastMessage: last = null } = channel;
  switch (kind) {
    case "dm":
      return { id, type: 1, last_message_id: last, flags: 0, recipients: recipient ? [userShape(userOf(world, recipient))] : [] };
    case "text":
      return {
        id,
        type: 0,
        guild_id: world.guild.id,
        name,
        position: 0,
        permission_overwrites: overwritesOf(world, channel),
        nsfw: false,
        topic: null,
        last_message_id: last,
        parent_id: null,
        rate_limit_per_user: 0,
        flags: 0,
      };
    case "thread":
      return {
        id,
        type: 11,
        guild_id: world.guild.id,
        name,
        parent_id: parent,
        owner_id: world.bot.userId,
        last_message_id: last,
        message_count: channel.messages.size,
        member_count: 1,
        rate_limit_per_user: 0,
        flags: 0,
        thread_metadata: {
          archived,
          locked,
          auto_archive_duration: 1_440,
          archive_timestamp: stamp(timeOf(id)),
        },
      };
  }
}

/** With everything that GUILD_CREATE brings (…/docs/events/gateway-events#guild-create). */
export function guildShape(world: World): Shape {
  const { guild, bot } = world;
  const channels = [...world.channels.values()];
  const of = (kind: Channel["kind"], isTold: (channel: Channel) => boolean) =>
    channels.filter((channel) => channel.kind === kind && isTold(channel)).map((channel) => channelShape(world, channel));
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: bot.userId,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: 0,
    preferred_locale: "en-US",
    nsfw_level: 0,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    safety_alerts_channel_id: null,
    roles: [roleShape(guild.id, "@everyone"), roleShape(bot.roleId, "bellhop", { managed: true, tags: { bot_id: bot.userId } })],
    joined_at: stamp(timeOf(guild.id)),
    large: false,
    unavailable: false,
    member_count: world.users.size,
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    members: [{ ...memberShape(), user: userShape(userOf(world, bot.userId)), roles: [bot.roleId] }],
    // Also those that the bot can't see.
    channels: of("text", () => true),
    // "all active threads in the guild that the current user is able to view" (…/docs/topics/threads#gateway-events)
    threads: of("thread", ({ archived, denied }) => !archived && !denied.has("ViewChannel")),
  };
}

/** …/docs/topics/permissions#permissions-bitwise-permission-flags */
const bits: Readonly<Record<Permission, bigint>> = {
  AddReactions: 1n << 6n,
  ViewChannel: 1n << 10n,
  SendMessages: 1n << 11n,
  ManageMessages: 1n << 13n,
  AttachFiles: 1n << 15n,
  ReadMessageHistory: 1n << 16n,
  CreatePublicThreads: 1n << 35n,
  SendMessagesInThreads: 1n << 38n,
};

/** As somebody sets them who takes something from the bot's role in a channel. */
function overwritesOf({ bot }: World, { denied }: Channel): Shape[] {
  const deny = [...denied].reduce((all, permission) => all | bits[permission], 0n);
  return deny === 0n ? [] : [{ id: bot.roleId, type: 0, allow: "0", deny: String(deny) }];
}

export function memberShape(): Shape {
  return { roles: [], joined_at: "2024-01-01T00:00:00.000000+00:00", deaf: false, mute: false, flags: 0, nick: null, pending: false };
}

/** As Discord writes moments, with microseconds. */
function stamp(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000+00:00");
}

export function emojiShape(emoji: string): Shape {
  const [name, id] = emoji.split(":");
  return { id: id ?? null, name };
}

function roleShape(id: string, name: string, more: Shape = {}): Shape {
  return {
    id,
    name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    position: 0,
    permissions: "277025508416",
    managed: false,
    mentionable: false,
    flags: 0,
    icon: null,
    unicode_emoji: null,
    ...more,
  };
}

function userOf(world: World, id: string): User {
  return world.users.get(id) ?? { id, name: "deleted", isBot: false, closed: false };
}
