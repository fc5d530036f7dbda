import { connectBus, fire, type Happened } from "@bellhop/bus";
import { problem, shardOfMoment } from "@bellhop/contracts";
import { createLog, withTelemetry, type Log, type Service, type Telemetry } from "@bellhop/service";
import { createApp } from "./app.ts";
import type { ApiConfig } from "./config.ts";
import { follow } from "./known.ts";
import { listen as listenAt } from "./listen.ts";
import { openStoring } from "./storing.ts";

/** A running API. */
export interface Api extends Service {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
}

/** Starts the API. Any number may run on one NATS. Resolves when it takes requests.
 *  @throws Problem config_invalid, nats_unreachable */
export async function start(config: ApiConfig): Promise<Api> {
  const log = createLog({ name: "api", level: config.logLevel, destination: config.logFile });
  let url = "";
  const service = await withTelemetry({ config, part: "api", log }, async (telemetry) => {
    const api = await startServing(config, { log, telemetry });
    ({ url } = api);
    return api;
  });
  return { failed: service.failed, stop: () => service.stop(), url };
}

/** Senders wait so long for what they sent to be stored, in milliseconds. */
const storeWithin = 5_000;

async function startServing(config: ApiConfig, { log, telemetry }: { log: Log; telemetry: Telemetry }): Promise<Api> {
  const { durations, nats, bodyLimit, rate, checkTriggers, hooks, listen } = config;
  if (listen === undefined) {
    throw problem("config_invalid", {
      count: 1,
      faults: "  api.listen: says where to listen, as PORT or HOST:PORT (in bellhop.yaml, or BELLHOP_API_LISTEN)",
    });
  }
  const bus = await connectBus({ ...nats, name: "bellhop api", role: "api", durations, log });
  const known = follow({ bus, log, retryMs: durations.publishRetry });
  try {
    await known.ready;
    const storing = openStoring({ ms: storeWithin, most: 100 });
    const stored = (happened: Happened) => storing(() => fire(bus, { ...happened, shard: shardOfMoment(happened.at) }));
    const app = createApp({ known, hooks, bodyLimit, rate, checkTriggers, log, telemetry, fire: stored });
    const door = await listenAt((request, env) => app.fetch(request, env), listen);
    log.info({ url: door.url }, "api serves");
    return {
      url: door.url,
      failed: door.failed,
      async stop() {
        await door.close(durations.drain);
        known.stop();
        await bus.drain();
        log.info({}, "api stopped");
      },
    };
  } catch (error) {
    known.stop();
    await bus.drain();
    throw error;
  }
}
