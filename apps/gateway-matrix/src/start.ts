import { startGateway } from "@bellhop/gateway";
import { createLog, type Log, type Service } from "@bellhop/service";
import type { MatrixConfig } from "./config.ts";
import { openMatrix } from "./connection.ts";

/** Starts the gateway of all Matrix accounts that are configured. Where a homeserver can't be reached yet, it is tried until it can.
 *  @throws Problem config_invalid when the homeserver takes neither token nor password of any of them */
export async function start(
  config: MatrixConfig,
  log: Log = createLog({ name: "gateway-matrix", level: config.logLevel }),
): Promise<Service> {
  const { durations, folder } = config;
  const accounts = config.accounts.map(({ name, ...matrix }) => ({
    name,
    open: (own: Log) => openMatrix({ matrix, folder, durations, log: own }),
  }));
  return await startGateway({ name: "gateway-matrix", config, log, accounts });
}
