import { commonConfig, loadConfig, Secret, type CommonConfig, type Env } from "@bellhop/service";
import { z } from "zod";

export interface SlackConfig extends CommonConfig {
  slack: SlackSettings;
}

export interface SlackSettings {
  /** xoxb-…: speaks and reads as the bot. */
  botToken: Secret;
  /** xapp-…: opens sockets. */
  appToken: Secret;
  /** Where the Web API is; Slack's own where not given. */
  apiUrl?: string;
}

/** BELLHOP_SLACK_BOT_TOKEN, BELLHOP_SLACK_APP_TOKEN, and BELLHOP_SLACK_API_URL or `slack.apiUrl` in bellhop.yaml. All faults at once.
 *  @throws Problem config_invalid */
export function slackConfig(env: Env): SlackConfig {
  const common = commonConfig(env, "gateway");
  const inFile = z.object({ apiUrl: z.unknown().optional() }).safeParse(common.file.slack);
  const values = loadConfig({
    schema: Values,
    values: { BELLHOP_SLACK_API_URL: inFile.data?.apiUrl, ...given(env) },
    where: "the environment; docs/platforms/slack.md says where to get it",
  });
  return {
    ...common,
    slack: {
      botToken: new Secret(values.BELLHOP_SLACK_BOT_TOKEN),
      appToken: new Secret(values.BELLHOP_SLACK_APP_TOKEN),
      apiUrl: values.BELLHOP_SLACK_API_URL,
    },
  };
}

const Values = z.object({
  BELLHOP_SLACK_BOT_TOKEN: z.string({ error: "the bot's token is missing" }).regex(/^xoxb-/, "a bot's token begins with xoxb-"),
  BELLHOP_SLACK_APP_TOKEN: z.string({ error: "the app-level token is missing" }).regex(/^xapp-/, "an app-level token begins with xapp-"),
  BELLHOP_SLACK_API_URL: z.url({ error: "expected a URL such as https://slack.com/api/" }).optional(),
});

/** An empty variable is one that is not set. */
function given(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
}
