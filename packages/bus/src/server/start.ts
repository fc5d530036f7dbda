import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import { spawnTied, type TieBy } from "./tie.ts";

export interface StartOptions {
  /** Path of the nats-server program: see `findNatsServer`. */
  binary: string;
  /** Folder of its JetStream files; created when missing. The server's configuration is written into it. */
  storeDir: string;
  /** The port to have again after a restart. Without it the server takes a free one by itself. */
  port?: number;
  /** Text of its configuration: see `serverConfig`. Address, port and store are given on the command line and win. */
  config?: string;
  /** What the server says on standard error, line by line. */
  log?: (line: string) => void;
  /** For a leaf node that keeps nothing itself. */
  withoutJetStream?: boolean;
  /** How it is tied to this process's life; found out by itself when not given. */
  tie?: TieBy;
  /** Milliseconds until it must be ready. A big store takes its time. */
  readyWithin?: number;
}

export interface NatsServer {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  /** Asks it to end and waits for that; ends it after five seconds. */
  stop(): Promise<void>;
  /** Resolves when it is gone, for whatever reason. */
  readonly exited: Promise<ServerExit>;
}

interface ServerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Its last words. */
  lastLines: string[];
}

const stopGraceMs = 5_000;
const lastLineCount = 12;

/** Starts nats-server with JetStream on loopback and resolves when it takes connections. It dies with this process, however that ends.
 *  Rejects with an Error that holds its last words when it ends before it is ready, or is not ready in time. */
export async function startNatsServer(options: StartOptions): Promise<NatsServer> {
  const { binary, storeDir, port, config = "", log, withoutJetStream = false, tie, readyWithin = 60_000 } = options;
  await mkdir(storeDir, { recursive: true, mode: 0o700 });
  const configFile = join(storeDir, "nats-server.conf");
  await writeFile(configFile, config, { mode: 0o600 });
  const portsDir = await mkdtemp(join(tmpdir(), "bellhop-ports-"));
  try {
    const store = withoutJetStream ? [] : ["-js", "-sd", storeDir];
    const args = ["-c", configFile, "-a", "127.0.0.1", "-p", String(port ?? -1), ...store, "--ports_file_dir", portsDir];
    const child = await spawnTied({ command: binary, args, by: tie });
    const { exited, lines } = follow(child, log);
    const stopwatch = AbortSignal.timeout(readyWithin);
    const announced = readPorts(portsDir, stopwatch);
    const failed = exited.then(({ code, signal }) => {
      throw new Error(`nats-server ended (${signal ?? code}) before it was ready:\n${lines.join("\n")}`);
    });
    try {
      const { pid, port: announcedPort } = await Promise.race([announced.found, failed]);
      const { version } = await Promise.race([readInfo(announcedPort, stopwatch), failed]);
      failed.catch(() => {});
      return { port: announcedPort, url: `nats://127.0.0.1:${announcedPort}`, pid, version, exited, stop: () => stop(child, pid, exited) };
    } catch (error) {
      kill(child.pid, "SIGKILL");
      throw stopwatch.aborted
        ? new Error(`nats-server was not ready within ${readyWithin} ms:\n${lines.join("\n")}`, { cause: error })
        : error;
    } finally {
      announced.close();
    }
  } finally {
    await rm(portsDir, { recursive: true, force: true });
  }
}

function follow(child: ChildProcess, log?: (line: string) => void): { exited: Promise<ServerExit>; lines: string[] } {
  const lines: string[] = [];
  let rest = "";
  const take = (line: string) => {
    lines.push(line);
    if (lines.length > lastLineCount) lines.shift();
    log?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) take(line);
    });
  }
  const exited = new Promise<ServerExit>((resolve) => {
    child.once("error", (error) => {
      take(error.message);
      resolve({ code: null, signal: null, lastLines: lines });
    });
    child.once("close", (code, signal) => resolve({ code, signal, lastLines: lines }));
  });
  return { exited, lines };
}

async function stop(child: ChildProcess, pid: number, exited: Promise<ServerExit>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) kill(pid, "SIGTERM");
  // The group, since under the `sh` tie the server is the child's child.
  const timer = setTimeout(() => kill(child.pid === undefined ? undefined : -child.pid, "SIGKILL"), stopGraceMs);
  await exited;
  clearTimeout(timer);
}

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}

/** nats-server writes `nats-server_<pid>.ports` when it listens: the only way to learn a port that it picked, and when it is ready. */
function readPorts(folder: string, signal: AbortSignal): { found: Promise<{ pid: number; port: number }>; close: () => void } {
  let close = () => {};
  const found = new Promise<{ pid: number; port: number }>((resolve, reject) => {
    const watcher = watch(folder);
    const look = () => {
      void findPorts(folder).then((ports) => ports && resolve(ports), reject);
    };
    watcher.on("change", look).on("error", reject);
    // Not every file system tells of changes; a second look now and then costs nothing.
    const timer = setInterval(look, 250);
    close = () => {
      watcher.close();
      clearInterval(timer);
    };
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    look();
  });
  return { found, close: () => close() };
}

async function findPorts(folder: string): Promise<{ pid: number; port: number } | undefined> {
  const name = (await readdir(folder).catch(() => [])).find((one) => one.endsWith(".ports"));
  const pid = Number(/_(\d+)\.ports$/.exec(name ?? "")?.[1]);
  if (name === undefined || !pid) return undefined;
  // Caught between being created and being written, the file has no address yet; the next change brings it.
  const port = Number(
    /"nats":\s*\[\s*"(?:nats|tls):\/\/[^"]*:(\d+)"/.exec(await readFile(join(folder, name), "utf8").catch(() => ""))?.[1],
  );
  return port ? { pid, port } : undefined;
}

/** A server greets every connection with INFO, before any credentials. */
function readInfo(port: number, signal: AbortSignal, host = "127.0.0.1"): Promise<{ version: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host });
    let text = "";
    const abort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const info = /^INFO (\{.*\})\s*\r\n/.exec(text)?.[1];
      if (info === undefined) return;
      resolve({ version: (JSON.parse(info) as { version: string }).version });
      socket.destroy();
    });
    socket.on("error", reject).on("close", () => {
      signal.removeEventListener("abort", abort);
      reject(new Error(`port ${port} closed before it said INFO`));
    });
  });
}
