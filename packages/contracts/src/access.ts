import { z } from "zod";
import type { Person } from "./message.ts";

/** A person as access rules write them: `slack:T1/U2`, `terminal:ana`. */
export function identityOf(person: Person): string {
  return person.space === undefined ? `${person.platform}:${person.id}` : `${person.platform}:${person.space}/${person.id}`;
}

/** Owners that claimed the installation from chat; those of the configuration stand there. */
export const Owners = z.object({ v: z.literal(1), owners: z.array(z.string()) });
export type Owners = z.infer<typeof Owners>;

/** The code by which the first person in a chat becomes owner. Holds its hash, never the code. */
export const OwnerClaim = z.object({
  v: z.literal(1),
  hash: z.string(),
  /** When the code was made, epoch milliseconds of the server's clock. Absent in the first revision, whose own time it is. */
  createdAt: z.int().optional(),
  /** Keys of the messages that tried a wrong code, so that a redelivery counts once. */
  wrong: z.array(z.string()),
  claimedBy: z.object({ identity: z.string(), message: z.string() }).optional(),
});
export type OwnerClaim = z.infer<typeof OwnerClaim>;

/** One line of the access list that was said in a chat: this `who` may run this `what`, each as `core/access` writes it. `number` is never
 *  used again, so that "remove 3" means the same rule however late it is heard. */
export const AccessRule = z.object({
  number: z.int().min(1),
  who: z.string(),
  what: z.string(),
  /** The owner who said it: {@link identityOf}. */
  by: z.string(),
  name: z.string().optional(),
  at: z.iso.datetime(),
});
export type AccessRule = z.infer<typeof AccessRule>;

/** Who changed the list when, and which rules it concerned: none where nothing was to be done. `message` is the key of what said it, so that
 *  a redelivery changes nothing. */
export const AccessChange = z.object({
  message: z.string(),
  kind: z.enum(["allow", "deny", "remove"]),
  by: z.string(),
  name: z.string().optional(),
  at: z.iso.datetime(),
  rules: z.array(z.object({ number: z.int(), who: z.string(), what: z.string() })),
});
export type AccessChange = z.infer<typeof AccessChange>;

/** The access list as chats made it; that of the configuration stands there. */
export const AccessList = z.object({
  v: z.literal(1),
  /** The number of the next rule. */
  next: z.int().min(1),
  rules: z.array(AccessRule),
  /** The latest ones, newest last. */
  changes: z.array(AccessChange),
});
export type AccessList = z.infer<typeof AccessList>;
