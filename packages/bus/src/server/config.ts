import { domainMappings, throughDomain, type Permissions } from "./permissions.ts";

export interface ServerUser {
  role: string;
  /** Public half of its nkey ("U..."). */
  publicKey: string;
  permissions: Permissions;
}

/** Text of a nats-server configuration: one account, one user per role, nobody else. Without users everybody on this machine may do everything,
 *  which only tests want. Address, port and store are given on the command line. */
export function serverConfig({
  users = [],
  name = "bellhop",
  syncAlways = false,
}: { users?: readonly ServerUser[]; name?: string; syncAlways?: boolean } = {}): string {
  const lines = [`server_name: ${JSON.stringify(name)}`];
  // Survives loss of the machine, at about a tenth of the throughput.
  if (syncAlways) lines.push("jetstream: { sync_interval: always }");
  return `${lines.join("\n")}\n${users.length > 0 ? usersConfig(users) : ""}`;
}

/** The users of a server that is Bellhop's alone. */
export function usersConfig(users: readonly ServerUser[]): string {
  return ["authorization: {", "  users: [", ...users.map(userText), "  ]", "}", ""].join("\n");
}

/** An account for a server that has others: an entry of its `accounts { … }`. */
export function accountConfig({ name, users }: { name: string; users: readonly ServerUser[] }): string {
  return [`${name}: {`, "  jetstream: enabled", "  users: [", ...users.map(userText), "  ]", "}", ""].join("\n");
}

/** The account at a leaf node, which keeps nothing itself: what is for JetStream goes to the hub's, named by its domain. */
export function leafAccountConfig({ name, users, domain }: { name: string; users: readonly ServerUser[]; domain: string }): string {
  const mappings = domainMappings(domain).map(([from, to]) => `    ${JSON.stringify(`${from}>`)}: ${JSON.stringify(`${to}>`)}`);
  const there = users.map((user) => userText({ ...user, permissions: throughDomain(user.permissions, domain) }));
  return [`${name}: {`, "  mappings: {", ...mappings, "  }", "  users: [", ...there, "  ]", "}", ""].join("\n");
}

function userText({ role, publicKey, permissions }: ServerUser): string {
  return [
    `    # ${role}`,
    `    { nkey: ${publicKey}, permissions: {`,
    `        publish: { allow: ${list(permissions.publish.allow)} }`,
    `        subscribe: { allow: ${list(permissions.subscribe.allow)} }`,
    `    } }`,
  ].join("\n");
}

function list(subjects: readonly string[]): string {
  return `[${subjects.map((subject) => JSON.stringify(subject)).join(", ")}]`;
}
