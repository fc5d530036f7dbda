import { askPlatform, type Inspection } from "@bellhop/gateway";
import { z } from "zod";
import type { DiscordSettings } from "./config.ts";

const User = z.object({ username: z.string() });
const Application = z.object({ flags: z.int().default(0) });
const Guilds = z.array(z.object({ name: z.string(), permissions: z.string() }));

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
const administrator = 1n << 3n;

/** Asks Discord about a bot: its token, its intents, and what it may do in each of its servers. @throws Error where it can't be reached */
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
  const servers = Guilds.parse(guilds.json);
  for (const { name, permissions } of servers) {
    const has = BigInt(permissions);
    const missing =
      (has & administrator) === administrator ? [] : wanted.filter(([, bit]) => (has & bit) === 0n).map(([permission]) => permission);
    if (missing.length > 0)
      faults.push({
        what: `in ${name} it lacks ${missing.join(", ")}`,
        hint: "Open the invitation of docs/platforms/discord.md again, or mend its role.",
        grave: false,
      });
  }
  if (servers.length === 0)
    faults.push({ what: "it is in no server", hint: "Invite it: docs/platforms/discord.md has the address.", grave: false });
  return { found: `${User.parse(me.json).username} in ${servers.length} servers`, ...skew, faults };
}
