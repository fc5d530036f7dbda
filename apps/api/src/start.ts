import type { AddressInfo } from "node:net";
import { connectBus, fire } from "@bellhop/bus";
import { problem } from "@bellhop/contracts";
import { createLog, withTelemetry, type Log, type Service, type Telemetry } from "@bellhop/service";
import { serve, type ServerType } from "@hono/node-server";
import { createApp } from "./app.ts";
import type { ApiConfig } from "./config.ts";
import { follow } from "./known.ts";
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

/** Senders wait so long for an answer, at most; a body that trickles in is not waited for. Milliseconds. */
const requestTimeout = 15_000;

async function startServing(config: ApiConfig, { log, telemetry }: { log: Log; telemetry: Telemetry }): Promise<Api> {
  const { durations, nats, bodyLimit, rate, hooks, listen } = config;
  if (listen === undefined) {
    throw problem("config_invalid", {
      count: 1,
      faults: "  api.listen: says where to listen, as PORT or HOST:PORT (in bellhop.yaml, or BELLHOP_API_LISTEN)",
    });
  }
  const bus = await connectBus({ ...nats, name: "bellhop api", role: "api", durations, log });
  const known = follow(bus, log);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  try {
    await known.ready;
    const storing = openStoring({ ms: requestTimeout / 3, most: 100 });
    const app = createApp({ known, hooks, bodyLimit, rate, log, telemetry, fire: (happened) => storing(() => fire(bus, happened)) });
    const server = await listenOn(app.fetch, listen);
    server.on("error", failure.reject);
    const { address, family, port } = server.address() as AddressInfo;
    const url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
    log.info({ url }, "api serves");
    return {
      url,
      failed: failure.promise,
      async stop() {
        const closed = new Promise((resolve) => server.close(resolve));
        // Node ends its own time-outs with the server: whoever trickles a body would hold it up for ever. What is being stored has its answer long before.
        const cut = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), durations.drain);
        await closed;
        clearTimeout(cut);
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

async function listenOn(
  fetch: (request: Request) => Response | Promise<Response>,
  at: { host: string; port: number },
): Promise<ServerType> {
  const { host: hostname, port } = at;
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port, serverOptions: { requestTimeout, headersTimeout: 10_000, maxHeaderSize: 16_384 } }, () =>
      resolve(server),
    );
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "something else listens there" : error.message;
      reject(
        problem("config_invalid", { count: 1, faults: `  api.listen: ${hostname}:${port} can't be listened on: ${why}` }, { cause: error }),
      );
    });
  });
}
