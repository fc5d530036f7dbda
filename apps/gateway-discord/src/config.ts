import { gatewayConfig, type GatewayConfig, type PlatformSettings } from "@bellhop/gateway";
import { Secret, type Env } from "@bellhop/service";
import { z } from "zod";

export type DiscordConfig = GatewayConfig<DiscordSettings>;

/** One bot. */
export interface DiscordSettings {
  /** Speaks, reads and listens as the bot. */
  token: Secret;
  /** Where the REST API is, without its version; Discord's own where not given. */
  apiUrl?: string;
}

export const discordSettings: PlatformSettings<DiscordSettings> = {
  platform: "discord",
  secrets: ["token"],
  shared: ["apiUrl"],
  schema: z.object({
    token: z
      .string({ error: "the bot's token is missing" })
      .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, "a bot's token has three parts with dots between them, and no word before it")
      .transform((value) => new Secret(value)),
    apiUrl: z
      .url({ error: "expected a URL such as https://discord.com/api" })
      .transform((url) => url.replace(/\/+$/, ""))
      .optional(),
  }),
};

/** @throws Problem config_invalid with all faults at once */
export function discordConfig(env: Env): DiscordConfig {
  return gatewayConfig(env, discordSettings);
}
