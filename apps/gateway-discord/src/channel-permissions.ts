import { z } from "zod";

/** Permissions travel as decimal numbers in texts, since they are more than JavaScript's integers hold. */
const Bits = z.string().regex(/^\d+$/).transform(BigInt);

/** Who it is for: 0 a role, 1 a member. */
const Overwrite = z.object({ id: z.string(), type: z.int(), allow: Bits, deny: Bits });

/** As GET /guilds/{id}/channels gives them. */
export const Channels = z.array(
  z.object({ id: z.string(), name: z.string(), type: z.int(), permission_overwrites: z.array(Overwrite).default([]) }),
);
export type Channel = z.infer<typeof Channels>[number];

export interface Member {
  guild: string;
  user: string;
  roles: readonly string[];
  /** In the guild, overwrites left out. */
  permissions: bigint;
}

/** What a member may do in a channel: what the guild gives, changed for everybody, then for their roles together, then for themselves.
 *  discord.com/developers/docs/topics/permissions#permission-overwrites */
export function permissionsIn({ permission_overwrites: overwrites }: Pick<Channel, "permission_overwrites">, member: Member): bigint {
  const { guild, user, roles, permissions } = member;
  if ((permissions & administrator) !== 0n) return ~0n;
  const everybody = overwrites.filter(({ id }) => id === guild);
  const theirs = overwrites.filter(({ id, type }) => type === 0 && id !== guild && roles.includes(id));
  const own = overwrites.filter(({ id, type }) => type === 1 && id === user);
  return [everybody, theirs, own].reduce((left, group) => {
    const denied = group.reduce((all, { deny }) => all | deny, 0n);
    const allowed = group.reduce((all, { allow }) => all | allow, 0n);
    return (left & ~denied) | allowed;
  }, permissions);
}

export const administrator = 1n << 3n;
