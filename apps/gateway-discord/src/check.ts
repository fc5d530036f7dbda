import { askPlatform, type Inspection } from "@bellhop/gateway";
import { z } from "zod";
import { administrator, Channels, permissionsIn } from "./channel-permissions.ts";
import type { DiscordSettings } from "./config.ts";

const User = z.object({ id: z.string(), username: z.string() });
const Application = z.object({ flags: z.int().default(0) });
const Guilds = z.array(z.object({ id: z.string(), name: z.string(), permissions: z.string() }));
const Member = z.object({ roles: z.array(z.string()) });

/** Where people write: text, announcements. discord.com/developers/docs/resources/channel#channel-object-channel-types */
const written = [0, 5];

/** GATEWAY_MESSAGE_CONTENT and its form for bots in few servers: discord.com/developers/docs/resources/application#application-object-application-flags */
const messageContent = (1 << 18) | (1 << 19);

/** docs/platforms/discord.md says what for. */
const wanted = [
  ["View Channels", 1n << 10n],
  ["Send Messages", 1n << 11n],
  ["Read Message History", 1n << 16n],
  ["Attach Files", 1n << 15n],
  ["Add Reactions", 1n << 6n],
  ["Send Messages in Threads", 1n << 38n],
] as const;
const viewChannel = wanted[0][1];

/** Asks Discord about a bot: its token, its intents, and what it may do in each of its servers and their channels. @throws Error where it can't be reached */
export async function checkDiscord(
  { token, apiUrl = "https://discord.com/api" }: DiscordSettings,
  signal: AbortSignal,
): Promise<Inspection> {
  const get = (path: string) => askPlatform(`${apiUrl}/v10${path}`, { headers: { Authorization: `Bot ${token.reveal()}` }, signal });
  const me = await get("/users/@me");
  const skew = me.skewMs === undefined ? {} : { skewMs: me.skewMs };
  if (me.status !== 200) {
    const what = `Discord refuses the token: it answers ${me.status}`;
    return { found: "nobody", ...skew, faults: [{ what, hint: "Bot → Reset Token, and copy the new one.", grave: true }] };
  }
  const [application, guilds] = await Promise.all([get("/applications/@me"), get("/users/@me/guilds")]);
  const faults: Inspection["faults"] = [];
  if ((Application.parse(application.json).flags & messageContent) === 0)
    faults.push({
      what: "the Message Content intent is off",
      hint: "Bot → Privileged Gateway Intents → switch on Message Content Intent, and save.",
      grave: true,
    });
  const { id: user, username } = User.parse(me.json);
  const servers = Guilds.parse(guilds.json);
  for (const { id: guild, name, permissions } of servers) {
    const has = BigInt(permissions);
    const missing = (has & administrator) === 0n ? lacking(has) : [];
    if (missing.length > 0)
      faults.push({
        what: `in ${name} it lacks ${missing.join(", ")}`,
        hint: "Open the invitation of docs/platforms/discord.md again, or mend its role.",
        grave: false,
      });
    const [channels, member] = await Promise.all([get(`/guilds/${guild}/channels`), get(`/guilds/${guild}/members/${user}`)]);
    // Asked too much, say: what its channels are like stays open.
    if (channels.status !== 200 || member.status !== 200) continue;
    const { roles } = Member.parse(member.json);
    for (const channel of Channels.parse(channels.json)) {
      const there = permissionsIn(channel, { guild, user, roles, permissions: has });
      // One that it can't see is most likely not meant for it.
      if (!written.includes(channel.type) || (there & viewChannel) === 0n) continue;
      const less = lacking(there).filter((permission) => !missing.includes(permission));
      if (less.length > 0)
        faults.push({
          what: `in #${channel.name} of ${name} it lacks ${less.join(", ")}`,
          hint: "Edit Channel → Permissions: give them to its role there.",
          grave: false,
        });
    }
  }
  if (servers.length === 0)
    faults.push({ what: "it is in no server", hint: "Invite it: docs/platforms/discord.md has the address.", grave: false });
  return { found: `${username} in ${servers.length} servers`, ...skew, faults };
}

function lacking(has: bigint): string[] {
  return wanted.filter(([, bit]) => (has & bit) === 0n).map(([permission]) => permission);
}
