import { bodyOf, channelOf, isSnowflake, messageOf, mustBeAllowed, refusals, type Route } from "./route.ts";
import { channelShape, guildShape, memberShape, userShape } from "./shapes.ts";
import { openDirect, openThread, react, unreact, type Channel, type User, type World } from "./state.ts";

const gateway: Route = {
  run: ({ gatewayUrl }) => ({ status: 200, body: { url: gatewayUrl() } }),
};

const gatewayBot: Route = {
  run: ({ gatewayUrl }) => ({
    status: 200,
    body: {
      url: gatewayUrl(),
      shards: 1,
      session_start_limit: { total: 1_000, remaining: 999, reset_after: 14_400_000, max_concurrency: 1 },
    },
  }),
};

const me: Route = {
  run: ({ world }) => ({
    status: 200,
    body: { ...userShape(userOf(world, world.bot.userId)), verified: true, mfa_enabled: false, flags: 0 },
  }),
};

const user: Route = {
  run: ({ world }, { ids }) => ({ status: 200, body: userShape(userOf(world, ids[0])) }),
};

const application: Route = {
  run: ({ world: { bot } }) => {
    // …/docs/resources/application#application-object-application-flags: GATEWAY_MESSAGE_CONTENT_LIMITED, of a bot in fewer than 100 servers.
    const flags = bot.readsContent ? 1 << 19 : 0;
    return {
      status: 200,
      body: { id: bot.applicationId, name: "bellhop", icon: null, description: "", bot_public: true, verify_key: "", flags },
    };
  },
};

/** …/docs/resources/user#get-current-user-guilds: "total permissions for the user in the guild (excludes overwrites and implicit permissions)". */
const myGuilds: Route = {
  run: ({ world: { guild: at, bot } }) => ({
    status: 200,
    body: [{ ...at, icon: null, banner: null, owner: false, permissions: bot.permissions, features: [] }],
  }),
};

const guild: Route = {
  run: ({ world }, { ids }) => {
    if (ids[0] !== world.guild.id) throw refusals.unknownGuild();
    return { status: 200, body: guildShape(world) };
  },
};

/** …/docs/resources/guild#get-guild-channels: "Does not include threads", and does those that the bot can't see. */
const guildChannels: Route = {
  run: ({ world }, { ids }) => {
    if (ids[0] !== world.guild.id) throw refusals.unknownGuild();
    const channels = [...world.channels.values()].filter(({ kind }) => kind === "text");
    return { status: 200, body: channels.map((one) => channelShape(world, one)) };
  },
};

/** …/docs/resources/guild#get-guild-member: of people only the bot has a role here. */
const guildMember: Route = {
  run: ({ world }, { ids }) => {
    if (ids[0] !== world.guild.id) throw refusals.unknownGuild();
    const user = userOf(world, ids[1]);
    return {
      status: 200,
      body: { ...memberShape(), user: userShape(user), roles: user.id === world.bot.userId ? [world.bot.roleId] : [] },
    };
  },
};

const openDm: Route = {
  run: ({ world }, call) => {
    const { recipient_id: recipient } = bodyOf(call);
    if (!isSnowflake(recipient))
      throw refusals.form("recipient_id", "NUMBER_TYPE_COERCE", `Value "${String(recipient)}" is not snowflake.`);
    if (userOf(world, recipient).isBot) throw refusals.closedToUs();
    return { status: 200, body: channelShape(world, openDirect(world, recipient).channel) };
  },
};

const channel: Route = {
  run: ({ world }, { ids }) => ({ status: 200, body: channelShape(world, channelOf(world, ids[0])) }),
};

/** Wakes a thread up: "only requires the current user has already been added to the thread" (…/docs/topics/threads#editing-deleting-threads). Nothing else of a
 *  channel can be changed here. */
const changeChannel: Route = {
  run: ({ world, announce }, call) => {
    const at = channelOf(world, call.ids[0]);
    const { archived } = bodyOf(call);
    if (at.kind !== "thread") throw refusals.wrongChannelType();
    if (archived !== false || at.locked || !at.joined) throw refusals.missingPermissions();
    if (at.archived) {
      at.archived = false;
      announce({ kind: "archived", channel: at });
    }
    return { status: 200, body: channelShape(world, at) };
  },
};

const typing: Route = {
  run: ({ world }, { ids }) => {
    const at = channelOf(world, ids[0]);
    mustBeAllowed(at, at.kind === "thread" ? "SendMessagesInThreads" : "SendMessages");
    at.typing.set(world.bot.userId, world.now() + TYPING_MS);
    return { status: 204 };
  },
};

const startThread: Route = {
  run: ({ world, announce }, call) => {
    const at = channelOf(world, call.ids[0]);
    if (at.kind !== "text") throw refusals.wrongChannelType();
    mustBeAllowed(at, "CreatePublicThreads");
    const message = messageOf(at, call.ids[1]);
    if (message.thread !== undefined) throw refusals.threadExists();
    const { name } = bodyOf(call);
    if (typeof name !== "string" || name === "") throw refusals.form("name", "BASE_TYPE_REQUIRED", "This field is required");
    if (name.length > 100) throw refusals.form("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.");
    const change = openThread(world, at, { message, name });
    announce(change);
    return { status: 201, body: channelShape(world, change.channel) };
  },
};

/** Idempotent: the same reaction again is 204 too. */
const putReaction: Route = {
  run: ({ world, announce }, { ids }) => {
    const at = channelOf(world, ids[0]);
    mustBeAllowed(at, "ReadMessageHistory");
    const message = messageOf(at, ids[1]);
    const emoji = emojiOf(ids[2]);
    mustBeActive(at);
    if (!message.reactions.some((reaction) => reaction.emoji === emoji)) {
      mustBeAllowed(at, "AddReactions");
      if (message.reactions.length >= MOST_REACTIONS) throw refusals.tooManyReactions();
    }
    const change = react(at, { message, user: world.bot.userId, emoji });
    if (change) announce(change);
    return { status: 204 };
  },
};

const takeReaction: Route = {
  run: ({ world, announce }, { ids }) => {
    const at = channelOf(world, ids[0]);
    const message = messageOf(at, ids[1]);
    mustBeActive(at);
    const change = unreact(at, { message, user: world.bot.userId, emoji: emojiOf(ids[2]) });
    if (change) announce(change);
    return { status: 204 };
  },
};

export const peopleRoutes: Readonly<Record<string, Route>> = {
  "GET /gateway": gateway,
  "GET /gateway/bot": gatewayBot,
  "GET /users/@me": me,
  "GET /users/@me/guilds": myGuilds,
  "GET /users/:id": user,
  "GET /applications/@me": application,
  "GET /oauth2/applications/@me": application,
  "GET /guilds/:id": guild,
  "GET /guilds/:id/channels": guildChannels,
  "GET /guilds/:id/members/:id": guildMember,
  "POST /users/@me/channels": openDm,
  "GET /channels/:id": channel,
  "PATCH /channels/:id": changeChannel,
  "POST /channels/:id/typing": typing,
  "POST /channels/:id/messages/:id/threads": startThread,
  "PUT /channels/:id/messages/:id/reactions/:emoji/@me": putReaction,
  "DELETE /channels/:id/messages/:id/reactions/:emoji/@me": takeReaction,
};

/** …/docs/resources/channel#trigger-typing-indicator */
const TYPING_MS = 10_000;
const MOST_REACTIONS = 20;

/** "Users cannot edit messages, add reactions, … or join archived threads" (…/docs/topics/threads#active-archived-threads). */
function mustBeActive({ archived, locked }: Channel): void {
  if (archived || locked) throw refusals.archived();
}

function userOf(world: World, id: string | undefined): User {
  const found = world.users.get(id ?? "");
  if (!found) throw refusals.unknownUser();
  return found;
}

/** A Unicode emoji, or `name:id` of a custom one. A word such as `eyes` is neither. */
function emojiOf(text: string | undefined): string {
  if (!text || (!/^\w+:\d{17,20}$/.test(text) && !/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(text))) {
    throw refusals.unknownEmoji();
  }
  return text;
}
