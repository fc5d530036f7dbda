import { channelOf, isTrue, messageOf, mustBeIn, pageOf, Refusal, type Args, type Method, type Surroundings } from "./method.ts";
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
    const kinds = kindsOf(args);
    const channels = [...workspace.channels.values()].filter(
      ({ members, kind, archived }) => members.has(member) && kinds.includes(kind) && !(archived && isTrue(args.exclude_archived)),
    );
    const page = pageOf(channels, args, { limit: 100, most: 1000, cursorTo: ({ id }) => Buffer.from(`id:${id}`).toString("base64") }); // users.conversations: 100 unless told, "no larger than 1000"
    return { channels: page.items.map((channel) => conversation(channel, workspace)), response_metadata: { next_cursor: page.next ?? "" } };
  },
};

/** users.conversations: public channels unless told. */
export function kindsOf(args: Args): Channel["kind"][] {
  return (args.types || "public_channel").split(",").map((type) => {
    const kind = kindOf[type.trim()];
    // users.conversations: "Value passed for type could not be used based on the method's capabilities …"
    if (kind === undefined) throw new Refusal("invalid_types");
    return kind;
  });
}

const botsInfo: Method = {
  required: [],
  run: ({ workspace: { bot } }, args) => {
    if (args.bot && args.bot !== bot.botId) throw new Refusal("bot_not_found"); // bots.info: "Value passed for bot was invalid."
    return { bot: { id: bot.botId, app_id: bot.appId, user_id: bot.userId, name: "bellhop", deleted: false, updated: 0, icons: {} } };
  },
};

const addReaction: Method = {
  required: ["name"],
  run: (world, args) => {
    if (!changeReaction(world, args, true)) throw new Refusal("already_reacted"); // reactions.add
    return {};
  },
};

const removeReaction: Method = {
  required: ["name"],
  run: (world, args) => {
    if (!changeReaction(world, args, false)) throw new Refusal("no_reaction"); // reactions.remove
    return {};
  },
};

function changeReaction({ workspace, announce }: Surroundings, args: Args, added: boolean): boolean {
  if (!args.channel || !args.timestamp) throw new Refusal("no_item_specified"); // reactions.add, reactions.remove
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(args.name ?? "")) throw new Refusal("invalid_name"); // reactions.add, reactions.remove
  const channel = channelOf(workspace, args.channel);
  mustBeIn(workspace, channel);
  if (channel.archived) throw new Refusal("is_archived"); // reactions.add
  const message = messageOf(channel, args.timestamp, "message_not_found"); // reactions.add, reactions.remove
  const change = react(workspace, channel, { message, user: workspace.bot.userId, name: args.name ?? "", added });
  if (change) announce(change);
  return change !== undefined;
}

export const peopleMethods: Readonly<Record<string, Method>> = {
  "auth.test": authTest,
  "users.info": usersInfo,
  "users.conversations": usersConversations,
  "bots.info": botsInfo,
  "reactions.add": addReaction,
  "reactions.remove": removeReaction,
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
