import { z } from "zod";

/** Who may send us what by HTTP. The key itself is shown once and known to nobody after. */
export const ApiKey = z.object({
  v: z.literal(1),
  /** Names the key in its own text, `bellhop_<id>_<secret>`. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** Whose it is, for people. */
  name: z.string(),
  /** SHA-256 of the secret, hexadecimal. */
  hash: z.string(),
  /** `events`, `triggers`, `webhooks`, or `webhooks:PATH`, which may end in `*`. */
  scopes: z.array(z.string()).min(1),
  by: z.string(),
  at: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
});
export type ApiKey = z.infer<typeof ApiKey>;
