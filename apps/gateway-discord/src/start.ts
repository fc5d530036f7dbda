import { setTimeout as pause } from "node:timers/promises";
import { toProblem } from "@bellhop/contracts";
import { connectBus } from "@bellhop/bus";
import { runGateway, type Adapter } from "@bellhop/gateway";
import { createLog, type Log, type Service } from "@bellhop/service";
import type { DiscordConfig } from "./config.ts";
import { openDiscord } from "./connection.ts";

/** Starts the gateway of one Discord bot. Where Discord can't be reached yet, it is tried until it can.
 *  @throws Problem config_invalid when Discord refuses the token or an intent */
export async function start(
  config: DiscordConfig,
  log: Log = createLog({ name: "gateway-discord", level: config.logLevel }),
): Promise<Service> {
  const { durations, nats, discord } = config;
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});

  const adapter = await tryOpen();
  const running = adapter === undefined ? openLater() : Promise.resolve(await run(adapter));
  running.catch(failure.reject);

  return {
    failed: failure.promise,
    async stop() {
      stopping.abort();
      await (await running.catch(() => undefined))?.stop();
    },
  };

  /** Undefined where only patience helps. */
  async function tryOpen(): Promise<Adapter | undefined> {
    try {
      return await openDiscord({ discord, durations, log });
    } catch (error) {
      const { retry, message } = toProblem(error);
      if (!retry) throw error;
      log.warn({ why: message }, "Discord can't be reached");
      return undefined;
    }
  }

  async function openLater(): Promise<Service | undefined> {
    for (let waited = 500; !stopping.signal.aborted; waited = Math.min(30_000, waited * 2)) {
      await pause(waited, undefined, { signal: stopping.signal }).catch(() => {});
      const opened = stopping.signal.aborted ? undefined : await tryOpen();
      if (opened !== undefined) return run(opened);
    }
    return undefined;
  }

  async function run(opened: Adapter): Promise<Service> {
    const bus = await connectBus({ ...nats, name: "gateway-discord", role: "gateway", durations, log });
    const gateway = await runGateway({ adapter: opened, bus, durations, log });
    gateway.failed.catch(failure.reject);
    return {
      failed: gateway.failed,
      async stop() {
        await gateway.stop();
        await bus.drain();
      },
    };
  }
}
