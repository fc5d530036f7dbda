import { startGateway } from "@bellhop/gateway";
import { createLog, type Log, type Service } from "@bellhop/service";
import type { DiscordConfig } from "./config.ts";
import { openDiscord } from "./connection.ts";

/** Starts the gateway of all Discord bots that are configured. Where Discord can't be reached yet, it is tried until it can.
 *  @throws Problem config_invalid when Discord refuses the token or an intent of all of them */
export async function start(
  config: DiscordConfig,
  log: Log = createLog({ name: "gateway-discord", level: config.logLevel }),
): Promise<Service> {
  const { durations } = config;
  const accounts = config.accounts.map(({ name, ...discord }) => ({
    name,
    open: (own: Log) => openDiscord({ discord, durations, log: own }),
  }));
  return await startGateway({ name: "gateway-discord", config, log, accounts });
}
