import { startGateway } from "@bellhop/gateway";
import { createLog, type Log, type Service } from "@bellhop/service";
import type { SlackConfig } from "./config.ts";
import { openSlack } from "./connection.ts";

/** Starts the gateway of one Slack workspace. Where Slack can't be reached yet, it is tried until it can.
 *  @throws Problem config_invalid when Slack refuses a token */
export async function start(
  config: SlackConfig,
  log: Log = createLog({ name: "gateway-slack", level: config.logLevel }),
): Promise<Service> {
  const { durations, slack } = config;
  return await startGateway({ name: "gateway-slack", config, log, open: () => openSlack({ slack, durations, log }) });
}
