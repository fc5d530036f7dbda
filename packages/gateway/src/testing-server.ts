import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@bellhop/bus";
import { ensureCredentials, serverConfig } from "@bellhop/bus/server";
import type { Durations } from "@bellhop/contracts";
import { startNats, type TestNats } from "@bellhop/testkit";
import { connectAs } from "./test-wall.ts";

/** A server for gateways. */
export interface GuardedServer {
  nats: TestNats;
  /** Where the credentials of each role are. */
  credentials: Record<"operator" | "gateway", { file: string }>;
  /** The credentials are in it; the tests' files may be. */
  folder: string;
  /** It has made the streams. */
  operator: Bus;
  connect(role: "operator" | "gateway"): Promise<Bus>;
  end(): Promise<void>;
}

/** With the permissions that are shipped: what a gateway may not do, it must not need. */
export async function startGuarded(durations: Durations): Promise<GuardedServer> {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-gateway-"));
  const credentials = await ensureCredentials(folder);
  const nats = await startNats({ config: serverConfig({ users: Object.values(credentials) }) });
  const connect = (role: "operator" | "gateway") => connectAs(role, { url: nats.url, credentials: credentials[role].file, durations });
  const operator = await connect("operator");
  await operator.setUp();
  return {
    nats,
    credentials,
    folder,
    operator,
    connect,
    async end() {
      await operator.drain();
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
