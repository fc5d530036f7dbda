import { repliesTo, type Change, type Channel, type StoredMessage, type Workspace } from "./state.ts";

/** An event as it stands in an envelope's `payload.event`. */
export type SlackEvent = { type: string; channel?: string; ts?: string } & Record<string, unknown>;

/** The events that Slack tells the app about a change: none for a room the bot is not in, and a pair (`app_mention` and `message`, same ts)
 *  for a message that mentions it. An edited mention fires `app_mention` again. Direct messages never give `app_mention`
 *  (docs.slack.dev/reference/events/app_mention). */
export function eventsOf(workspace: Workspace, change: Change): SlackEvent[] {
  if (!change.channel.members.has(workspace.bot.userId)) return [];
  const { channel } = change;
  const place = { channel: channel.id, channel_type: channel.kind };
  switch (change.kind) {
    case "posted": {
      const message = { ...messageFields(workspace, channel, change.message), ...place, event_ts: change.message.ts };
      return [...mentionEvents(workspace, channel, change.message), { ...message, type: "message" }];
    }
    case "edited":
      return [
        ...mentionEvents(workspace, channel, change.message),
        {
          type: "message",
          subtype: "message_changed",
          hidden: true,
          message: messageFields(workspace, channel, change.message),
          previous_message: messageFields(workspace, channel, change.previous),
          ...place,
          ts: change.ts,
          event_ts: change.ts,
        },
      ];
    case "deleted":
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
          type: "reaction_added",
          user: change.user,
          reaction: change.name,
          item_user: change.message.user,
          item: { type: "message", channel: channel.id, ts: change.message.ts },
          event_ts: change.ts,
        },
      ];
  }
}

/** A message as the Web API and the events show it. `metadata` is added by those who may show it. */
export function messageFields(
  workspace: Workspace,
  channel: Channel,
  message: StoredMessage,
): Record<string, unknown> & { type: string; ts: string } {
  const replies = repliesTo(channel, message.ts);
  const root = message.threadTs && message.threadTs !== message.ts ? channel.messages.get(message.threadTs) : undefined;
  return {
    type: "message",
    ...(message.tombstone && { subtype: "tombstone", hidden: true }),
    user: message.user,
    text: message.text,
    ts: message.ts,
    team: workspace.team.id,
    ...(message.clientMsgId && { client_msg_id: message.clientMsgId }),
    ...(message.botId && { bot_id: message.botId, app_id: workspace.bot.appId, bot_profile: botProfile(workspace) }),
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
      reply_users: [...new Set(replies.map((reply) => reply.user))],
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

function botProfile({ bot, team }: Workspace): Record<string, unknown> {
  return { id: bot.botId, app_id: bot.appId, name: "bellhop", deleted: false, updated: 0, team_id: team.id, icons: {} };
}
