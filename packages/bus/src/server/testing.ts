import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNatsServer } from "./find.ts";
import { startNatsServer, type NatsServer } from "./start.ts";

export { until } from "../until.ts";

export interface TestNats {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** The server's JetStream folder, gone after `stop()`. */
  readonly storeDir: string;
  /** Ends it as a power cut to the process would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and store; stops it before if it runs. */
  restart(): Promise<void>;
  /** Resolves when the server that runs now has ended, however it did. */
  exited(): Promise<void>;
  stop(): Promise<void>;
}

/** For tests (`startNats` of testkit is this; it stands here since the tests of this package need it, and testkit stands on this package).
 *
 *  A real nats-server with JetStream for one test file, on a random loopback port and with a store of its own. Without credentials unless `config` says
 *  so. Fails with the problem `nats_missing` where no server can be had. */
export async function startNats(options: { config?: string; log?: (line: string) => void } = {}): Promise<TestNats> {
  const root = fileURLToPath(new URL("../../../../.bellhop", import.meta.url));
  const { binary } = await findNatsServer({ root, env: process.env, log: (line) => process.stderr.write(`${line}\n`) });
  const storeDir = await mkdtemp(join(tmpdir(), "bellhop-nats-"));
  let server = await startNatsServer({ binary, storeDir, ...options });
  const { port, url } = server;
  return {
    url,
    port,
    storeDir,
    get pid() {
      return server.pid;
    },
    kill9: () => kill(server),
    async exited() {
      await server.exited;
    },
    async restart() {
      await server.stop();
      server = await startNatsServer({ binary, storeDir, port, ...options });
    },
    async stop() {
      // An orderly end takes it half a second, for a store that nobody reads any more.
      await kill(server);
      await rm(storeDir, { recursive: true, force: true });
    },
  };
}

async function kill({ pid, exited }: NatsServer): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
  await exited;
}
