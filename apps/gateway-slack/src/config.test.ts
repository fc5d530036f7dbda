import { inspect } from "node:util";
import { expect, it } from "vitest";
import { slackConfig } from "./config.ts";

const tokens = { BELLHOP_SLACK_BOT_TOKEN: "xoxb-1-bot", BELLHOP_SLACK_APP_TOKEN: "xapp-1-app" };

it("takes both tokens and shows neither", () => {
  const { slack } = slackConfig(tokens);
  expect([slack.botToken.reveal(), slack.appToken.reveal(), slack.apiUrl]).toEqual(["xoxb-1-bot", "xapp-1-app", undefined]);
  expect(`${inspect(slack)}${JSON.stringify(slack)}`).not.toMatch(/xoxb|xapp/);
});

it("reports all faults together, each by its variable", () => {
  const env = { BELLHOP_SLACK_BOT_TOKEN: "xapp-1-app", BELLHOP_SLACK_APP_TOKEN: "", BELLHOP_SLACK_API_URL: "here" };
  expect(() => slackConfig(env)).toThrow(/3 faults:[^]*BOT_TOKEN: .*xoxb-[^]*APP_TOKEN: .*missing[^]*API_URL: .*URL/);
});
