import { startGateway } from "@bellhop/gateway";
import { createLog, type Log, type Service } from "@bellhop/service";
import type { MatrixConfig } from "./config.ts";
import { openMatrix } from "./connection.ts";

/** Starts the gateway of one Matrix account. Where its homeserver can't be reached yet, it is tried until it can.
 *  @throws Problem config_invalid when the homeserver takes neither token nor password */
export async function start(
  config: MatrixConfig,
  log: Log = createLog({ name: "gateway-matrix", level: config.logLevel }),
): Promise<Service> {
  const { durations, folder, matrix } = config;
  return await startGateway({ name: "gateway-matrix", config, log, open: () => openMatrix({ matrix, folder, durations, log }) });
}
