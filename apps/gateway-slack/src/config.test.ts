import { inspect } from "node:util";
import { expect, it } from "vitest";
import { slackConfig } from "./config.ts";

const tokens = { BELLHOP_SLACK_BOT_TOKEN: "xoxb-1-bot", BELLHOP_SLACK_APP_TOKEN: "xapp-1-app" };

it("takes both tokens and shows neither", () => {
  const { accounts } = slackConfig(tokens);
  expect(accounts.map(({ name, botToken, appToken, apiUrl }) => [name, botToken.reveal(), appToken.reveal(), apiUrl])).toEqual([
    ["default", "xoxb-1-bot", "xapp-1-app", undefined],
  ]);
  expect(`${inspect(accounts, { depth: 5 })}${JSON.stringify(accounts)}`).not.toMatch(/xoxb|xapp/);
});

it("reports all faults together, each by its variable", () => {
  const env = { BELLHOP_SLACK_BOT_TOKEN: "xapp-1-app", BELLHOP_SLACK_APP_TOKEN: "", BELLHOP_SLACK_API_URL: "here" };
  expect(() => slackConfig(env)).toThrow(/configuration: 3\n[^]*BOT_TOKEN: .*xoxb-[^]*APP_TOKEN: .*missing[^]*API_URL: .*URL/);
});

it("opens two sockets unless told otherwise", () => {
  const sockets = (value?: string) => slackConfig({ ...tokens, BELLHOP_SLACK_SOCKETS: value }).accounts.map((account) => account.sockets);
  expect([sockets(), sockets("4")]).toEqual([[2], [4]]);
  for (const wrong of ["0", "11", "many", "1.5"]) expect(() => sockets(wrong)).toThrow(/SLACK_SOCKETS: expected 1 to 10/);
});
