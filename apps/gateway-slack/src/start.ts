import { startGateway } from "@bellhop/gateway";
import { createLog, type Log, type Service } from "@bellhop/service";
import type { SlackConfig } from "./config.ts";
import { openSlack } from "./connection.ts";

/** Starts the gateway of all Slack workspaces that are configured. Where Slack can't be reached yet, it is tried until it can.
 *  @throws Problem config_invalid when Slack refuses the tokens of all of them */
export async function start(
  config: SlackConfig,
  log: Log = createLog({ name: "gateway-slack", level: config.logLevel }),
): Promise<Service> {
  const { durations } = config;
  const accounts = config.accounts.map(({ name, ...slack }) => ({ name, open: (own: Log) => openSlack({ slack, durations, log: own }) }));
  return await startGateway({ name: "gateway-slack", config, log, accounts });
}
