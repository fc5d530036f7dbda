import { z } from "zod";

/** How far the gateways of one account have heard in one place: everything up to there is stored, or was not for us. Written after the message itself is,
 *  so that whoever reads on from here misses nothing; hearing something twice does no harm. */
export const Mark = z.object({
  v: z.literal(1),
  /** A channel as the platform names it, or empty: the account as a whole. */
  place: z.string(),
  /** The platform's own order: a Slack `ts`, a snowflake, a sync token, a moment. */
  position: z.string(),
  kind: z.enum(["room", "direct"]).optional(),
  space: z.string().optional(),
  /** The threads of the last days in which we were spoken to, each with how far it was heard. */
  threads: z.record(z.string(), z.string()).optional(),
  at: z.iso.datetime(),
});
export type Mark = z.infer<typeof Mark>;
