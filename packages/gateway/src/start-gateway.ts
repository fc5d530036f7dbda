import { setTimeout as pause } from "node:timers/promises";
import { connectBus, type Bus, type Membership } from "@bellhop/bus";
import { toProblem } from "@bellhop/contracts";
import type { CommonConfig, Log, Service } from "@bellhop/service";
import type { Adapter } from "./adapter.ts";
import type { Prefixes } from "./addressing.ts";
import { atMost } from "./at-most.ts";
import { sharedMembership } from "./membership.ts";
import { runGateway, type GatewayOptions } from "./run-gateway.ts";
import { openSpool, type Spool } from "./spool.ts";

export interface StartOptions {
  /** As NATS's own tools show it: `gateway-slack`. */
  name: string;
  config: CommonConfig & { prefixes: Prefixes };
  log: Log;
  /** At least one. */
  accounts: readonly AccountToOpen[];
  paced?: GatewayOptions["paced"];
}

export interface AccountToOpen {
  /** As the configuration calls it. */
  name: string;
  /** Asks the platform who we are. @throws Problem with `retry` where only patience helps */
  open: (log: Log) => Promise<Adapter>;
}

/** Starts the gateway of one platform's accounts, as a process or within `up`. Where the platform or NATS can't be reached yet, they are tried until they
 *  can. An account that its platform will not have leaves the others alone.
 *  @throws Problem when none is left */
export async function startGateway({ name, config, log, accounts, paced }: StartOptions): Promise<Service> {
  const { durations, folder, nats, prefixes } = config;
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  /** Something needs patience: whoever starts us does not wait for that. */
  const patience = Promise.withResolvers<void>();
  const running = new Map<string, { as: string; gateway?: Service }>();
  let left = accounts.length;
  let host: Promise<Host | undefined> | undefined;

  const serving = Promise.all(accounts.map((account) => serve(account, accounts.length > 1 ? log.child({ as: account.name }) : log)));
  serving.catch(failure.reject);
  try {
    await Promise.race([failure.promise, serving, patience.promise]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { failed: failure.promise, stop };

  /** Resolves when the account runs or is over. */
  async function serve({ name: as, open }: AccountToOpen, own: Log): Promise<void> {
    const adapter = await patiently(own, 30_000, () => open(own)).catch((error: unknown) => giveUp(own, error));
    if (adapter === undefined) return;
    const found = await (host ??= openHost());
    if (found === undefined) return adapter.disconnect();
    const { bus, spool, member } = found;
    const account = `${adapter.platform}/${adapter.account}`;
    const twin = running.get(account);
    if (twin !== undefined) {
      own.error({ account, same: twin.as }, "two accounts of the configuration are one and the same: take one out");
      left -= 1;
      return adapter.disconnect();
    }
    running.set(account, { as });
    let unwanted = false;
    adapter.failed?.catch(() => (unwanted = true));
    const gateway = await runGateway({ adapter, bus, member, spool, prefixes, paced, durations, log: own }).catch((error: unknown) =>
      giveUp(own, error),
    );
    if (gateway === undefined) return void running.delete(account);
    if (stopping.signal.aborted) return gateway.stop();
    running.set(account, { as, gateway });
    gateway.failed.catch((error: unknown) => {
      if (!unwanted) return failure.reject(error);
      running.delete(account);
      giveUp(own, error);
      return gateway.stop();
    });
  }

  function giveUp(own: Log, error: unknown): undefined {
    const { message, hint } = toProblem(error);
    left -= 1;
    own.error({ why: message, hint, left }, "an account can't be served");
    if (left === 0) failure.reject(error);
  }

  /** One connection, one membership and one spool for all accounts. */
  async function openHost(): Promise<Host | undefined> {
    const bus = await patiently(log, 1_000, () => connectBus({ ...nats, name, role: "gateway", durations, log }));
    return bus && { bus, member: sharedMembership({ bus, durations }), spool: await openSpool({ bus, folder, durations, log }) };
  }

  /** Undefined when we stop before it works. @throws what patience does not help with */
  async function patiently<Result>(own: Log, longestPauseMs: number, work: () => Promise<Result>): Promise<Result | undefined> {
    for (let waited = 500; !stopping.signal.aborted; waited = Math.min(longestPauseMs, waited * 2)) {
      try {
        return await work();
      } catch (error) {
        const { retry, message } = toProblem(error);
        if (!retry) throw error;
        own.warn({ why: message }, "what a gateway needs can't be reached");
      }
      patience.resolve();
      await pause(waited, undefined, { signal: stopping.signal }).catch(() => {});
    }
    return undefined;
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await atMost(Promise.allSettled([serving]), durations.drain);
    await Promise.all([...running.values()].map(async ({ gateway }) => await gateway?.stop()));
    const found = await host?.catch(() => undefined);
    await found?.spool.close();
    await found?.bus.drain();
  }
}

interface Host {
  bus: Bus;
  member: () => Promise<Membership>;
  spool: Spool;
}
