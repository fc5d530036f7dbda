import type { World } from "./state.ts";

export interface Pings {
  users: string[];
  roles: string[];
  everyone: boolean;
}

/** Whom a text notifies: everybody it names, less what `allowed_mentions` holds back (…/docs/resources/message#allowed-mentions-object). */
export function pingsOf(world: World, content: string, allowed?: AllowedMentions): Pings {
  const named = (pattern: RegExp, known: (id: string) => boolean) => [
    ...new Set([...content.matchAll(pattern)].map((match) => match[1] ?? "").filter(known)),
  ];
  const users = named(/<@!?(\d+)>/g, (id) => world.users.has(id));
  const roles = named(/<@&(\d+)>/g, (id) => id === world.bot.roleId);
  const everyone = /@(everyone|here)\b/.test(content);
  if (!allowed) return { users, roles, everyone };
  const may = (what: "users" | "roles", id: string) => allowed.parse?.includes(what) || allowed[what]?.includes(id);
  return {
    users: users.filter((id) => may("users", id)),
    roles: roles.filter((id) => may("roles", id)),
    everyone: everyone && (allowed.parse?.includes("everyone") ?? false),
  };
}

export interface AllowedMentions {
  parse?: readonly string[];
  users?: readonly string[];
  roles?: readonly string[];
  replied_user?: boolean;
}
