import { z } from "zod";
import { Snowflake } from "./snowflake.ts";

/** What we read of Discord's payloads; whatever else is in them may be anything. */

export const Place = z.object({ id: Snowflake, channel_id: Snowflake, guild_id: Snowflake.optional() });
export type Place = z.infer<typeof Place>;

export const Attachment = z.object({
  filename: z.string(),
  content_type: z.string().optional(),
  size: z.int().min(0),
  url: z.url(),
});
export type Attachment = z.infer<typeof Attachment>;

/** A message as MESSAGE_CREATE or the history shows it. */
export const Written = Place.extend({
  type: z.int(),
  author: z.object({ id: Snowflake, username: z.string().optional(), bot: z.boolean().optional(), system: z.boolean().optional() }),
  content: z.string(),
  webhook_id: z.string().optional(),
  attachments: z.array(Attachment).catch([]),
  /** What a reply answers; null where that is gone. */
  referenced_message: z
    .object({ author: z.object({ id: Snowflake }) })
    .nullish()
    .catch(undefined),
});
export type Written = z.infer<typeof Written>;

export const Edited = Written.extend({ edited_timestamp: z.iso.datetime({ offset: true }) });

export const Bulk = z.object({ ids: z.array(Snowflake), channel_id: Snowflake, guild_id: Snowflake.optional() });

export const Reaction = z.object({
  user_id: Snowflake,
  message_id: Snowflake,
  channel_id: Snowflake,
  guild_id: Snowflake.optional(),
  /** Who reacted; in a guild, and only where it was put. */
  member: z.object({ user: z.object({ username: z.string().optional(), bot: z.boolean().optional() }) }).optional(),
  /** `id` of a custom one. A custom one that is gone has no name. */
  emoji: z.object({ id: Snowflake.nullish(), name: z.string() }),
});
export type Reaction = z.infer<typeof Reaction>;

export const Ready = z.object({ guilds: z.array(z.object({ id: Snowflake })) });

/** GUILD_CREATE, where the guild is not out of order. */
export const Guild = z.object({
  id: Snowflake,
  joined_at: z.iso.datetime({ offset: true }).optional(),
  roles: z.array(z.object({ id: Snowflake, tags: z.object({ bot_id: z.string().optional() }).optional() })),
  channels: z.array(z.object({ id: Snowflake, type: z.int(), last_message_id: Snowflake.nullish() })).catch([]),
  threads: z.array(z.object({ id: Snowflake, type: z.int(), last_message_id: Snowflake.nullish() })).catch([]),
});
export type Guild = z.infer<typeof Guild>;
