import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findNatsServer, startNatsServer, type NatsServer } from "@bellhop/bus/server";
import { connect } from "nats";
import { freePort } from "../../free-port.ts";

/** Three real nats-servers on loopback that keep everything between them. */
export interface Cluster {
  /** All three, with commas. */
  url: string;
  /** Which server leads a stream and which follow, once all of them have all of it. */
  copiesOf(stream: string): Promise<{ leader: string; followers: string[] }>;
  /** -9, and waits until it is gone. */
  kill(server: string): Promise<void>;
  /** Starts it again on the same port and store. */
  restart(server: string): Promise<void>;
  stop(): Promise<void>;
}

const names = ["n1", "n2", "n3"] as const;

export async function startCluster(): Promise<Cluster> {
  const root = join(import.meta.dirname, "..", "..", "..", ".bellhop");
  const { binary } = await findNatsServer({ root, env: process.env });
  const folder = await mkdtemp(join(tmpdir(), "bellhop-cluster-"));
  const routes = await Promise.all(names.map(freePort));
  const running = new Map<string, NatsServer>();

  async function start(name: string, port?: number): Promise<void> {
    const route = routes[names.findIndex((one) => one === name)];
    const others = routes.filter((one) => one !== route).map((one) => `nats://127.0.0.1:${one}`);
    const config = `server_name: ${name}\ncluster: { name: bellhop, listen: "127.0.0.1:${route}", routes: [${others.join(", ")}] }\n`;
    running.set(name, await startNatsServer({ binary, storeDir: join(folder, name), config, ...(port === undefined ? {} : { port }) }));
  }

  await Promise.all(names.map((name) => start(name)));
  const url = names.map((name) => running.get(name)?.url).join(",");
  const nc = await connect({ servers: url.split(","), maxReconnectAttempts: -1 });

  return {
    url,
    async copiesOf(stream) {
      for (;;) {
        const reply = await nc.request(`$JS.API.STREAM.INFO.${stream}`, "", { timeout: 1_000 }).catch(() => undefined);
        const { leader, replicas = [] } = reply?.json<{ cluster?: Copies }>().cluster ?? {};
        if (leader !== undefined && leader !== "" && replicas.length === names.length - 1 && replicas.every(({ current }) => current)) {
          return { leader, followers: replicas.map(({ name }) => name) };
        }
        await pause(100);
      }
    },
    async kill(name) {
      const server = running.get(name);
      if (server === undefined) throw new Error(`There is no server ${name}.`);
      process.kill(server.pid, "SIGKILL");
      await server.exited;
    },
    restart: (name) => start(name, running.get(name)?.port),
    async stop() {
      await nc.close();
      await Promise.all([...running.values()].map((server) => server.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Copies {
  leader?: string;
  replicas?: { name: string; current: boolean }[];
}
