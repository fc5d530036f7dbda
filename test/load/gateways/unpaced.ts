// A gateway as each app's main.ts starts it, but for its pace: the adapters' lanes are named and not kept.
import { startGateway, type StartOptions } from "@bellhop/gateway";
import { createLog, runMain } from "@bellhop/service";
import { PlatformName } from "./order.ts";

type Parts = Pick<StartOptions, "config" | "accounts">;

const parts: Readonly<Record<PlatformName, () => Promise<Parts>>> = {
  async slack() {
    const { openSlack, slackConfig } = await import("@bellhop/gateway-slack");
    const config = slackConfig(process.env);
    const { durations } = config;
    return {
      config,
      accounts: config.accounts.map(({ name, ...slack }) => ({ name, open: (log) => openSlack({ slack, durations, log }) })),
    };
  },
  async discord() {
    const { discordConfig, openDiscord } = await import("@bellhop/gateway-discord");
    const config = discordConfig(process.env);
    const { durations } = config;
    return {
      config,
      accounts: config.accounts.map(({ name, ...discord }) => ({ name, open: (log) => openDiscord({ discord, durations, log }) })),
    };
  },
  async matrix() {
    const { matrixConfig, openMatrix } = await import("@bellhop/gateway-matrix");
    const config = matrixConfig(process.env);
    const { durations, folder } = config;
    return {
      config,
      accounts: config.accounts.map(({ name, ...matrix }) => ({ name, open: (log) => openMatrix({ matrix, folder, durations, log }) })),
    };
  },
};

const name = PlatformName.parse(process.env["BENCH_PLATFORM"]);
await runMain(async () => {
  const { config, accounts } = await parts[name]();
  return await startGateway({ name: `gateway-${name}`, config, accounts, paced: false, log: createLog({ name, level: config.logLevel }) });
});
