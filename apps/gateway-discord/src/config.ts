import { commonConfig, loadConfig, Secret, type CommonConfig, type Env } from "@bellhop/service";
import { z } from "zod";

export interface DiscordConfig extends CommonConfig {
  discord: DiscordSettings;
}

export interface DiscordSettings {
  /** Speaks, reads and listens as the bot. */
  token: Secret;
  /** Where the REST API is, without its version; Discord's own where not given. */
  apiUrl?: string;
}

/** BELLHOP_DISCORD_TOKEN, and BELLHOP_DISCORD_API_URL or `discord.apiUrl` in bellhop.yaml. All faults at once.
 *  @throws Problem config_invalid */
export function discordConfig(env: Env): DiscordConfig {
  const common = commonConfig(env, "gateway");
  const inFile = z.object({ apiUrl: z.unknown().optional() }).safeParse(common.file.discord);
  const values = loadConfig({
    schema: Values,
    values: { BELLHOP_DISCORD_API_URL: inFile.data?.apiUrl, ...given(env) },
    where: "the environment; docs/platforms/discord.md says where to get it",
  });
  return {
    ...common,
    discord: {
      token: new Secret(values.BELLHOP_DISCORD_TOKEN),
      apiUrl: values.BELLHOP_DISCORD_API_URL?.replace(/\/+$/, ""),
    },
  };
}

const Values = z.object({
  BELLHOP_DISCORD_TOKEN: z
    .string({ error: "the bot's token is missing" })
    .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, "a bot's token has three parts with dots between them, and no word before it"),
  BELLHOP_DISCORD_API_URL: z.url({ error: "expected a URL such as https://discord.com/api" }).optional(),
});

/** An empty variable is one that is not set. */
function given(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
}
