import { inspect } from "node:util";
import { expect, it } from "vitest";
import { discordConfig } from "./config.ts";

const token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789AB";

it("takes the token and does not show it", () => {
  const { accounts } = discordConfig({ BELLHOP_DISCORD_TOKEN: token, BELLHOP_DISCORD_API_URL: "http://127.0.0.1:1/api/" });
  expect(accounts.map((account) => [account.name, account.token.reveal(), account.apiUrl])).toEqual([
    ["default", token, "http://127.0.0.1:1/api"],
  ]);
  expect(`${inspect(accounts, { depth: 5 })}${JSON.stringify(accounts)}`).not.toContain("Gabcde");
});

it("reports all faults together, each by its variable", () => {
  const env = { BELLHOP_DISCORD_TOKEN: "", BELLHOP_DISCORD_API_URL: "here" };
  expect(() => discordConfig(env)).toThrow(/configuration: 2\n[^]*DISCORD_TOKEN: .*missing[^]*API_URL: .*URL/);
  expect(() => discordConfig({ BELLHOP_DISCORD_TOKEN: `Bot ${token}` })).toThrow(/DISCORD_TOKEN: .*three parts/);
});
