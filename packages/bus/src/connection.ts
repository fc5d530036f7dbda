import { readFile } from "node:fs/promises";
import { Problem, problem } from "@bellhop/contracts";
import { connect, nkeyAuthenticator, nkeys, type ConnectionOptions, type NatsConnection } from "nats";
import type { BusOptions } from "./bus.ts";
import { assertServerVersion } from "./server/version.ts";

/** A connection that comes back for ever. @throws Problem nats_unreachable, nats_denied, nats_version */
export async function openConnection(options: BusOptions, inboxPrefix: string): Promise<NatsConnection> {
  const { url, durations } = options;
  const settings: ConnectionOptions = {
    ...addressOf(url),
    name: options.name,
    inboxPrefix,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 150,
    // Two missing pongs and the connection counts as dead: within about a lease.
    pingInterval: Math.max(250, durations.lease * 0.4),
    maxPingOut: 2,
    timeout: Math.max(2_000, durations.lease),
    // A server that restarts may refuse credentials while it reads its configuration.
    ignoreAuthErrorAbort: true,
    ...(await authenticationOf(options)),
  };
  const patience = performance.now() + Math.max(2_000, options.patienceMs ?? durations.lease);
  for (;;) {
    try {
      const nc = await connect(settings);
      await requireVersion(nc, url);
      return nc;
    } catch (thrown) {
      const failure = toConnectProblem(thrown, options);
      if (!failure.retry || performance.now() > patience) throw failure;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Addresses with commas between them. The client reads no `user:password@` in one: the first that has it counts for all. */
export function addressOf(url: string): Pick<ConnectionOptions, "servers" | "user" | "pass" | "token"> {
  let login: { user: string; pass: string } | { token: string } | undefined;
  const servers = url
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map((one) => {
      const match = /^((?:nats|tls):\/\/)?([^/@]+)@(.+)$/.exec(one);
      if (match === null) return one;
      const [user = "", pass] = (match[2] ?? "").split(":").map(decodeURIComponent);
      login ??= pass === undefined ? { token: user } : { user, pass };
      return `${match[1] ?? ""}${match[3]}`;
    });
  return { servers, ...login };
}

/** Addresses as they may be shown and logged. */
export function shownUrl(url: string): string {
  return url.replace(/[^/@,\s]+@/g, "");
}

async function authenticationOf({ credentials, role, name }: BusOptions): Promise<ConnectionOptions> {
  if (credentials === undefined) return {};
  try {
    const seed = new TextEncoder().encode((await readFile(credentials, "utf8")).trim());
    // What is no seed is found out here, not while connecting.
    nkeys.fromSeed(seed);
    return { authenticator: nkeyAuthenticator(seed) };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw problem("nats_credentials", { role: role ?? name, why: `${credentials}: ${why}` }, { cause: thrown });
  }
}

async function requireVersion(nc: NatsConnection, url: string): Promise<void> {
  try {
    assertServerVersion(nc.info?.version ?? "0.0.0", shownUrl(url));
  } catch (thrown) {
    await nc.close();
    throw thrown;
  }
}

function toConnectProblem(thrown: unknown, options: BusOptions): Problem {
  if (thrown instanceof Problem) return thrown;
  const why = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  if (thrown instanceof Error && thrown.name === "AuthorizationError") {
    return problem("nats_denied", { role: options.role ?? options.name, what: "connect" }, { cause: thrown });
  }
  return problem("nats_unreachable", { url: shownUrl(options.url), why }, { cause: thrown });
}
