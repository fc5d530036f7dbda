import { problem, type Durations, type Problem } from "@bellhop/contracts";
import type { RESTOptions } from "discord.js";
import { z } from "zod";
import type { DiscordSettings } from "./config.ts";
import { resultOf } from "./outcome.ts";
import { makeRequest } from "./request.ts";
import { REST, Routes } from "./sdk.ts";

/** Asks Discord who we are: the bot's user id.
 *  @throws Problem config_invalid when Discord does not take the token; platform_unavailable when it can't be reached */
export async function whoAmI(rest: REST): Promise<string> {
  try {
    return z.object({ id: z.string() }).parse(await rest.get(Routes.user())).id;
  } catch (error) {
    const { why } = resultOf(error);
    if (why === "HTTP 401") throw tokenProblem(why);
    throw problem("platform_unavailable", { platform: "discord", why }, { cause: error });
  }
}

/** For calls that change something. Trying again is decided by receipts, not by the SDK: a second post is a second message. Our lanes keep Discord's pace for
 *  all calls; the SDK knows what the headers say of each. */
export function callingRest({ discord, durations }: RestOptions): () => REST {
  return withToken(discord, {
    ...roadTo(discord),
    retries: 0,
    rejectOnRateLimit: () => true,
    globalRequestsPerSecond: Infinity,
    timeout: durations.platformCall,
  });
}

/** For calls that only look: the SDK waits where Discord says "slower". A fifth of Discord's 50 calls a second: the rest is for replies. */
export function lookingRest({ discord, durations }: RestOptions): () => REST {
  return withToken(discord, { ...roadTo(discord), retries: 0, globalRequestsPerSecond: 10, timeout: durations.platformCall });
}

export interface RestOptions {
  discord: DiscordSettings;
  durations: Durations;
}

/** The SDK forgets a token that was refused once, and would never try it again. */
function withToken({ token }: DiscordSettings, options: ConstructorParameters<typeof REST>[0]): () => REST {
  const rest = new REST(options);
  return () => rest.setToken(token.reveal());
}

/** Where the SDK's calls go, and by which client. */
export function roadTo({ apiUrl }: DiscordSettings): Partial<RESTOptions> {
  return { makeRequest, ...(apiUrl === undefined ? {} : { api: apiUrl }) };
}

export function tokenProblem(why: string): Problem {
  return problem("config_invalid", {
    count: 1,
    faults: `  BELLHOP_DISCORD_TOKEN: Discord does not take it (${why}); docs/platforms/discord.md says where to get a new one`,
  });
}

export function intentsProblem(why: string): Problem {
  return problem("config_invalid", {
    count: 1,
    faults: `  BELLHOP_DISCORD_TOKEN: this bot may not read messages (${why}); switch on MESSAGE CONTENT INTENT in the developer portal, under Bot: docs/platforms/discord.md`,
  });
}
