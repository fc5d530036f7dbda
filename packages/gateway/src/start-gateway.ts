import { setTimeout as pause } from "node:timers/promises";
import { connectBus, type Bus, type Membership } from "@bellhop/bus";
import { streams, toProblem } from "@bellhop/contracts";
import { figure, watchNats, withTelemetry, type Check, type CommonConfig, type Log, type Service, type Telemetry } from "@bellhop/service";
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
export async function startGateway(options: StartOptions): Promise<Service> {
  const { name: part, config, log } = options;
  return await withTelemetry({ config, part, log }, (telemetry) => startAccounts(options, telemetry));
}

async function startAccounts({ name, config, log, accounts, paced }: StartOptions, telemetry: Telemetry): Promise<Service> {
  const { durations, folder, nats, prefixes } = config;
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  /** Something needs patience: whoever starts us does not wait for that. */
  const patience = Promise.withResolvers<void>();
  const running = new Map<string, { as: string; gateway?: Service }>();
  const states = new Map<string, AccountState>(accounts.map((account) => [account.name, { kind: "opening" }]));
  const senders = new Set<string>();
  let left = accounts.length;
  let host: Promise<Host | undefined> | undefined;

  telemetry.check("nats", () => ({
    ok: false,
    found: "not reached yet",
    hint: "It is tried until it answers: see that it runs, and NATS_URL.",
  }));
  for (const [as, state] of states) telemetry.check(`account ${as}`, () => checkOf(states.get(as) ?? state));
  telemetry.figures(() => [figure("bellhop_leases_held", { part: name, lease: "sender" }, senders.size)]);
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
    const adapter = await patiently(own, 30_000, () => open(own)).catch((error: unknown) => giveUp({ as, own, error }));
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
    const onHold = (isHeld: boolean) => void (isHeld ? senders.add(account) : senders.delete(account));
    const common = { adapter, bus, member, spool, prefixes, paced, onHold, durations, telemetry };
    const gateway = await runGateway({ ...common, log: own }).catch((error: unknown) => giveUp({ as, own, error }));
    if (gateway === undefined) return void running.delete(account);
    if (stopping.signal.aborted) return gateway.stop();
    running.set(account, { as, gateway });
    states.set(as, { kind: "runs", isConnected: () => adapter.isConnected?.() ?? true });
    gateway.failed.catch((error: unknown) => {
      if (!unwanted) return failure.reject(error);
      running.delete(account);
      giveUp({ as, own, error });
      return gateway.stop();
    });
  }

  function giveUp({ as, own, error }: { as: string; own: Log; error: unknown }): undefined {
    const { message, hint } = toProblem(error);
    left -= 1;
    states.set(as, { kind: "given up", why: message, hint });
    own.error({ why: message, hint, left }, "an account can't be served");
    if (left === 0) failure.reject(error);
  }

  /** One connection, one membership and one spool for all accounts. */
  async function openHost(): Promise<Host | undefined> {
    const bus = await patiently(log, 1_000, () => connectBus({ ...nats, name, role: "gateway", durations, log }));
    if (bus !== undefined) watchNats(telemetry, { part: name, bus, streams: [{ stream: streams.send, consumers: true }] });
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

/** Of one account. */
type AccountState = { kind: "opening" } | { kind: "runs"; isConnected(): boolean } | { kind: "given up"; why: string; hint: string };

function checkOf(state: AccountState): Check {
  switch (state.kind) {
    case "opening":
      return {
        ok: false,
        found: "not connected yet",
        hint: "The platform and NATS are tried until they answer: the log says what they say.",
      };
    case "runs":
      return state.isConnected()
        ? { ok: true, found: "connected" }
        : { ok: false, found: "the connection broke", hint: "It is opened again by itself: the log says what the platform says." };
    case "given up":
      return { ok: false, found: state.why, hint: state.hint };
  }
}

interface Host {
  bus: Bus;
  member: () => Promise<Membership>;
  spool: Spool;
}
