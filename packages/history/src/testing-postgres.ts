// For the tests of this package: a real PostgreSQL, on loopback, with a folder of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { existsSync, readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestPostgres {
  /** Makes an empty database. @returns its URL */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as the user that owns nothing. */
const nobody = 65_534;

/** Starts PostgreSQL as it is installed here, without touching what may run already. Says where it looked and answers undefined where there is none. */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const programs = installed();
  if (programs === undefined) {
    process.stderr.write(
      "PostgreSQL: not tested, none is installed in /usr/lib/postgresql (Debian and Ubuntu: apt-get install postgresql)\n",
    );
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), "bellhop-postgres-"));
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (user.uid !== undefined) await chown(folder, nobody, nobody);
  const data = join(folder, "data");
  const port = await freePort();
  const init = spawn(join(programs, "initdb"), ["-D", data, "-U", "bellhop", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"], {
    ...user,
    cwd: folder,
    env: { PATH: "/usr/bin:/bin" },
    stdio: "ignore",
  });
  const [code]: (number | null)[] = await once(init, "exit");
  if (code !== 0) throw new Error(`initdb of ${programs} ended with ${code}`);
  const args = ["-D", data, "-p", String(port), "-k", folder, "-h", "127.0.0.1", "-F"];
  const server = spawn(join(programs, "postgres"), args, {
    ...user,
    cwd: folder,
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const end = () => void server.kill("SIGKILL");
  process.once("exit", end);
  await ready(server.stderr, once(server, "exit"));
  let made = 0;
  return {
    async database() {
      const { default: pg } = await import("pg");
      const client = new pg.Client({ host: "127.0.0.1", port, user: "bellhop", database: "postgres" });
      await client.connect();
      const name = `history_${made++}`;
      await client.query(`create database ${name}`);
      await client.end();
      return `postgres://bellhop@127.0.0.1:${port}/${name}`;
    },
    async stop() {
      process.off("exit", end);
      if (server.exitCode === null && server.signalCode === null) {
        // Fast: it ends its sessions, and does not wait for them.
        server.kill("SIGINT");
        await once(server, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps each version in a folder of its own; the newest one. */
function installed(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")) && existsSync(join(bin, "postgres")));
}

async function ready(output: NodeJS.ReadableStream, exit: Promise<unknown>): Promise<void> {
  let said = "";
  output.setEncoding("utf8");
  const isReady = new Promise<void>((resolve) => {
    output.on("data", (text: string) => {
      said = (said + text).slice(-4_000);
      if (said.includes("ready to accept connections")) resolve();
    });
  });
  const isGone = exit.then(() => {
    throw new Error(`PostgreSQL ended before it was ready:\n${said}`);
  });
  isGone.catch(() => {});
  await Promise.race([isReady, isGone]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
