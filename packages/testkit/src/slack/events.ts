import { repliesTo, type Change, type Channel, type StoredMessage, type Workspace } from "./state.ts";

/** An event as it stands in an envelope's `payload.event`. */
export type SlackEvent = { type: string; channel?: string; ts?: string } & Record<string, unknown>;

/** The events that Slack tells the app about a change: none for a room the bot is not in, none that no scope was granted for, and a pair
 *  (`app_mention` and `message`, same ts) for a message that mentions it. An edited mention fires `app_mention` again. Direct messages never give
 *  `app_mention` (docs.slack.dev/reference/events/app_mention). */
export function eventsOf(workspace: Workspace, change: Change): SlackEvent[] {
  const { channel } = change;
  if (!channel.members.has(workspace.bot.userId)) return [];
  return allEventsOf(workspace, change).filter(({ type }) => workspace.scopes.has(scopeOf(type, channel)));
}

function allEventsOf(workspace: Workspace, change: Change): SlackEvent[] {
  const { channel } = change;
  const place = { channel: channel.id, channel_type: channel.kind };
  const changed = (message: StoredMessage, previous: StoredMessage, ts: string): SlackEvent => ({
    type: "message",
    subtype: "message_changed",
    hidden: true,
    message: messageFields(workspace, channel, message),
    previous_message: messageFields(workspace, channel, previous),
    ...place,
    ts,
    event_ts: ts,
  });
  switch (change.kind) {
    case "posted": {
      const message = { ...messageFields(workspace, channel, change.message), ...place, event_ts: change.message.ts };
      return [...mentionEvents(workspace, channel, change.message), { ...message, type: "message" }];
    }
    case "edited":
      return [...mentionEvents(workspace, channel, change.message), changed(change.message, change.previous, change.ts)];
    case "deleted":
      if (change.stone) return [changed(change.stone, change.previous, change.ts)];
      return [
        {
          type: "message",
          subtype: "message_deleted",
          hidden: true,
          deleted_ts: change.previous.ts,
          previous_message: messageFields(workspace, channel, change.previous),
          ...place,
          ts: change.ts,
          event_ts: change.ts,
        },
      ];
    case "reacted":
      return [
        {
          type: change.added ? "reaction_added" : "reaction_removed",
          user: change.user,
          reaction: change.name,
          item_user: change.message.user,
          item: { type: "message", channel: channel.id, ts: change.message.ts },
          event_ts: change.ts,
        },
      ];
    case "whispered":
      return [];
  }
}

/** The scope that each event's page asks for (docs.slack.dev/reference/events). */
function scopeOf(type: string, { kind }: Channel): string {
  if (type === "app_mention") return "app_mentions:read";
  return type === "message" ? `${scopeNames[kind]}:history` : "reactions:read";
}

/** As scopes name the kinds of conversations: `channels:history`, `im:read`. */
export const scopeNames: Readonly<Record<Channel["kind"], string>> = { channel: "channels", group: "groups", im: "im", mpim: "mpim" };

/** A message as the Web API and the events show it. `metadata` is added by those who may show it. */
export function messageFields(
  workspace: Workspace,
  channel: Channel,
  message: StoredMessage,
): Record<string, unknown> & { type: string; ts: string } {
  const replies = repliesTo(channel, message.ts);
  const answerers = [...new Set(replies.map((reply) => reply.user))];
  const root = message.threadTs && message.threadTs !== message.ts ? channel.messages.get(message.threadTs) : undefined;
  return {
    type: "message",
    ...(message.tombstone && { subtype: "tombstone", hidden: true }),
    user: message.user,
    text: message.text,
    ts: message.ts,
    team: workspace.team.id,
    ...(message.clientMsgId && { client_msg_id: message.clientMsgId }),
    ...(message.botId && botFields(workspace, message.botId)),
    ...(message.files && { subtype: "file_share", files: message.files.map((id) => fileFields(workspace, id)), upload: false }),
    ...(message.broadcast && { subtype: "thread_broadcast" }),
    ...(message.blocks && { blocks: message.blocks }),
    ...(message.attachments && { attachments: message.attachments }),
    ...(message.edited && { edited: message.edited }),
    ...(message.threadTs && { thread_ts: message.threadTs }),
    ...(root && { parent_user_id: root.user }),
    ...(message.reactions.length > 0 && { reactions: message.reactions.map(({ name, users }) => ({ name, users, count: users.length })) }),
    ...(replies.length > 0 && {
      thread_ts: message.ts,
      reply_count: replies.length,
      // conversations.replies: a few of them, and how many there are.
      reply_users: answerers.slice(0, 5),
      reply_users_count: answerers.length,
      latest_reply: replies.at(-1)?.ts,
    }),
  };
}

function mentionEvents(workspace: Workspace, channel: Channel, message: StoredMessage): SlackEvent[] {
  const mentioned = new RegExp(`<@${workspace.bot.userId}(\\|[^>]*)?>`).test(message.text);
  if (!mentioned || message.botId || channel.kind === "im" || channel.kind === "mpim") return [];
  return [
    { ...messageFields(workspace, channel, message), type: "app_mention", channel: channel.id, event_ts: message.edited?.ts ?? message.ts },
  ];
}

/** Other apps' messages carry an app of their own. */
function botFields({ bot, team }: Workspace, botId: string): Record<string, unknown> {
  const [appId, name] = botId === bot.botId ? [bot.appId, "bellhop"] : [`A${botId.slice(1)}`, "another"];
  const icons = {};
  return {
    bot_id: botId,
    app_id: appId,
    bot_profile: { id: botId, app_id: appId, name, deleted: false, updated: 0, team_id: team.id, icons },
  };
}

/** docs.slack.dev/reference/objects/file-object */
export function fileFields(workspace: Workspace, id: string): Record<string, unknown> {
  const file = workspace.files.get(id);
  if (!file || file.state === "deleted") return { id, mode: "tombstone" };
  const url = `${workspace.address}/files-pri/${workspace.team.id}-${id}/`;
  return {
    id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    user: file.user,
    mode: "hosted",
    is_external: false,
    external_type: "",
    size: file.size,
    file_access: "visible",
    url_private: `${url}${encodeURIComponent(file.name)}`,
    url_private_download: `${url}download/${encodeURIComponent(file.name)}`,
  };
}
