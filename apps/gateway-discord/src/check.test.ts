import { Secret } from "@bellhop/service";
import { startFakeDiscord, type FakeDiscord } from "@bellhop/testkit/discord";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDiscord } from "./check.ts";

/** What the invitation of docs/platforms/discord.md gives. */
const invited = String((1n << 6n) | (1n << 10n) | (1n << 11n) | (1n << 15n) | (1n << 16n) | (1n << 38n));

let discord: FakeDiscord;
beforeEach(async () => {
  discord = await startFakeDiscord({ rateLimits: "off", permissions: invited });
});
afterEach(() => discord.close());

const check = () => checkDiscord({ token: new Secret(discord.bot.token), apiUrl: discord.apiUrl }, AbortSignal.timeout(20_000));

test("a bot that may do everything everywhere it can see has no faults", async () => {
  discord.createChannel("ops");
  discord.createChannel("hidden", { denied: ["ViewChannel", "SendMessages"] });
  expect(await check()).toMatchObject({ found: "bellhop in 1 servers", faults: [] });
});

test("a channel that takes something from it is told", async () => {
  discord.createChannel("quiet", { denied: ["SendMessages", "AddReactions", "ManageMessages"] });
  const { faults } = await check();
  expect(faults).toMatchObject([{ what: "in #quiet of fake it lacks Send Messages, Add Reactions", grave: false }]);
});

test("what the whole server does not give it is not told again for each channel", async () => {
  await discord.close();
  discord = await startFakeDiscord({ rateLimits: "off", permissions: String(BigInt(invited) & ~(1n << 11n)) });
  discord.createChannel("ops", { denied: ["SendMessages"] });
  expect((await check()).faults.map(({ what }) => what)).toEqual(["in fake it lacks Send Messages"]);
});
