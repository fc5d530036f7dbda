import { z } from "zod";

/** What Slack sends, as far as it is read here (docs.slack.dev/reference/events). */

const Ts = z.string().regex(/^\d+\.\d+$/);

/** docs.slack.dev/reference/objects/file-object, as far as it is needed. */
const SlackFile = z.object({
  id: z.string().optional(),
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().optional(),
  size: z.number().optional(),
  /** `hosted`, or why there is nothing to be had: `tombstone`, `hidden_by_limit`, `external`. */
  mode: z.string().optional(),
  /** `check_file_info`: only files.info knows more, in channels that are shared between workspaces. */
  file_access: z.string().optional(),
  url_private: z.string().optional(),
  url_private_download: z.string().optional(),
});
export type SlackFile = z.infer<typeof SlackFile>;

export const Written = z.object({
  subtype: z.string().optional(),
  hidden: z.boolean().optional(),
  user: z.string().optional(),
  team: z.string().optional(),
  /** In channels shared between workspaces: where the author is at home. */
  user_team: z.string().optional(),
  bot_id: z.string().nullish(),
  text: z.string().default(""),
  ts: Ts,
  thread_ts: z.string().optional(),
  edited: z.object({ ts: Ts }).optional(),
  files: z.array(SlackFile).optional(),
});
export type Written = z.infer<typeof Written>;

const Where = { channel: z.string(), channel_type: z.string().optional() };
export const Said = Written.extend({ ...Where, type: z.enum(["message", "app_mention"]) });
export type Said = z.infer<typeof Said>;

export const Changed = z.object({
  ...Where,
  type: z.literal("message"),
  subtype: z.literal("message_changed"),
  message: Written,
  previous_message: Written.optional(),
  event_ts: Ts,
});
export type Changed = z.infer<typeof Changed>;
export const Deleted = z.object({
  ...Where,
  type: z.literal("message"),
  subtype: z.literal("message_deleted"),
  deleted_ts: Ts,
  previous_message: Written.optional(),
  event_ts: Ts,
});
export type Deleted = z.infer<typeof Deleted>;
export const Reacted = z.object({
  type: z.enum(["reaction_added", "reaction_removed"]),
  user: z.string(),
  reaction: z.string(),
  item: z.object({ type: z.string(), channel: z.string(), ts: Ts }),
  event_ts: Ts,
});
export type Reacted = z.infer<typeof Reacted>;

export const Callback = z.object({
  type: z.literal("event_callback"),
  team_id: z.string().optional(),
  event: z.union([Changed, Deleted, Reacted, Said]),
});

export const Place = z.object({
  event: z.object({
    channel: z.string().optional(),
    channel_type: z.string().optional(),
    item: z.object({ channel: z.string().optional() }).optional(),
    ts: Ts.optional(),
    event_ts: Ts.optional(),
  }),
});
