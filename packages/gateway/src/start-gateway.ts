import { setTimeout as pause } from "node:timers/promises";
import { connectBus } from "@bellhop/bus";
import { toProblem } from "@bellhop/contracts";
import type { CommonConfig, Log, Service } from "@bellhop/service";
import type { Adapter } from "./adapter.ts";
import { runGateway } from "./run-gateway.ts";

export interface StartOptions {
  /** As NATS's own tools show it: `gateway-slack`. */
  name: string;
  config: CommonConfig;
  log: Log;
  /** Asks the platform who we are. @throws Problem with `retry` where only patience helps */
  open: () => Promise<Adapter>;
}

/** Starts the gateway of one account, as a process or within `up`. Where its platform can't be reached yet, it is tried until it can.
 *  @throws Problem config_invalid when the platform refuses us */
export async function startGateway({ name, config, log, open }: StartOptions): Promise<Service> {
  const { durations, nats } = config;
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
      return await open();
    } catch (error) {
      const { retry, message } = toProblem(error);
      if (!retry) throw error;
      log.warn({ why: message }, "the platform can't be reached");
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
    const bus = await connectBus({ ...nats, name, role: "gateway", durations, log });
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
