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
