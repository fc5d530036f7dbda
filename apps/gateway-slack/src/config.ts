import { gatewayConfig, type GatewayConfig, type PlatformSettings } from "@bellhop/gateway";
import { Secret, type Env } from "@bellhop/service";
import { z } from "zod";

export type SlackConfig = GatewayConfig<SlackSettings>;

/** One workspace. */
export interface SlackSettings {
  /** xoxb-…: speaks and reads as the bot. */
  botToken: Secret;
  /** xapp-…: opens sockets. */
  appToken: Secret;
  /** Where the Web API is; Slack's own where not given. */
  apiUrl?: string;
  /** Connections that are open at a time. */
  sockets: number;
}

const socketsExpected = "expected 1 to 10 connections";

export const slackSettings: PlatformSettings<SlackSettings> = {
  platform: "slack",
  secrets: ["botToken", "appToken"],
  shared: ["apiUrl", "sockets"],
  schema: z.object({
    botToken: secret("the bot's token is missing", /^xoxb-/, "a bot's token begins with xoxb-"),
    appToken: secret("the app-level token is missing", /^xapp-/, "an app-level token begins with xapp-"),
    apiUrl: z.url({ error: "expected a URL such as https://slack.com/api/" }).optional(),
    // Slack allows ten: docs.slack.dev, "Using Socket Mode".
    sockets: z.coerce.number({ error: socketsExpected }).int(socketsExpected).min(1, socketsExpected).max(10, socketsExpected).default(2),
  }),
};

/** @throws Problem config_invalid with all faults at once */
export function slackConfig(env: Env): SlackConfig {
  return gatewayConfig(env, slackSettings);
}

function secret(missing: string, pattern: RegExp, wrong: string) {
  return z
    .string({ error: missing })
    .regex(pattern, wrong)
    .transform((value) => new Secret(value));
}
