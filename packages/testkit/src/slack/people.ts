import { channelOf, messageOf, mustBeIn, Refusal, type Method } from "./method.ts";
import { react, type Channel, type User, type Workspace } from "./state.ts";

const authTest: Method = {
  required: [],
  run: ({ workspace: { team, bot } }) => ({
    url: "https://fake.slack.example/",
    team: team.name,
    user: "bellhop",
    team_id: team.id,
    user_id: bot.userId,
    bot_id: bot.botId,
    is_enterprise_install: false,
  }),
};

const usersInfo: Method = {
  required: ["user"],
  run: ({ workspace }, args) => {
    const user = workspace.users.get(args.user ?? "");
    if (!user) throw new Refusal("user_not_found"); // users.info: "Value passed for user was invalid."
    return { user: profile(workspace, user) };
  },
};

const usersConversations: Method = {
  required: [],
  run: ({ workspace }, args) => {
    const member = args.user || workspace.bot.userId;
    if (!workspace.users.has(member)) throw new Refusal("user_not_found"); // users.conversations
    const kinds = (args.types || "public_channel").split(",").map((type) => kindOf[type.trim()]); // users.conversations: public channels unless told
    if (kinds.includes(undefined)) throw new Refusal("invalid_types"); // users.conversations: "Value passed for type could not be used based on the method's capabilities …"
    const channels = [...workspace.channels.values()].filter((channel) => channel.members.has(member) && kinds.includes(channel.kind));
    return { channels: channels.map((channel) => conversation(channel, workspace)), response_metadata: { next_cursor: "" } };
  },
};

const botsInfo: Method = {
  required: [],
  run: ({ workspace: { bot } }, args) => {
    if (args.bot && args.bot !== bot.botId) throw new Refusal("bot_not_found"); // bots.info: "Value passed for bot was invalid."
    return { bot: { id: bot.botId, app_id: bot.appId, user_id: bot.userId, name: "bellhop", deleted: false, updated: 0, icons: {} } };
  },
};

const addReaction: Method = {
  required: ["name"],
  run: ({ workspace, announce }, args) => {
    if (!args.channel || !args.timestamp) throw new Refusal("no_item_specified"); // reactions.add
    if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(args.name ?? "")) throw new Refusal("invalid_name"); // reactions.add
    const channel = channelOf(workspace, args.channel);
    mustBeIn(workspace, channel);
    const message = messageOf(channel, args.timestamp, "message_not_found"); // reactions.add
    const change = react(workspace, channel, { message, user: workspace.bot.userId, name: args.name ?? "" });
    if (!change) throw new Refusal("already_reacted"); // reactions.add
    announce(change);
    return {};
  },
};

export const peopleMethods: Readonly<Record<string, Method>> = {
  "auth.test": authTest,
  "users.info": usersInfo,
  "users.conversations": usersConversations,
  "bots.info": botsInfo,
  "reactions.add": addReaction,
};

const kindOf: Readonly<Record<string, Channel["kind"]>> = { public_channel: "channel", private_channel: "group", im: "im", mpim: "mpim" };

function profile({ team }: Workspace, { id, name, isBot }: User): Record<string, unknown> {
  const names = { real_name: name, display_name: name, team: team.id };
  return {
    id,
    team_id: team.id,
    name,
    real_name: name,
    deleted: false,
    is_bot: isBot,
    is_app_user: false,
    tz: "Etc/UTC",
    tz_offset: 0,
    updated: 0,
    profile: names,
  };
}

function conversation({ id, name, kind, members, archived }: Channel, { bot }: Workspace): Record<string, unknown> {
  const shared = {
    id,
    is_channel: kind === "channel",
    is_group: kind === "group",
    is_im: kind === "im",
    is_mpim: kind === "mpim",
    is_archived: archived,
  };
  return kind === "im"
    ? { ...shared, user: [...members].find((member) => member !== bot.userId) }
    : { ...shared, name, is_private: kind !== "channel", is_member: true };
}
