// For the tests of this package: a server, a pack on it, and runners in this process or as processes of their own.
import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus, type Bus } from "@bellhop/bus";
import {
  ActionDefinition,
  attemptKey,
  buckets,
  messageIds,
  PackVersion,
  runId,
  scaled,
  streams,
  subjects,
  type ActionFinished,
  type ActionRequested,
  type AttemptRecord,
  type AttemptRef,
  type Durations,
  type FileRef,
} from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { openKeyring, silentLog, type Keyring, type Service } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import type { GivenConfig } from "@bellhop/service";
import { uniqueNameOf } from "./identity.ts";
import { markedProcesses } from "./process/mark.ts";
import { start } from "./start.ts";

export interface Scene {
  nats: TestNats;
  bus: Bus;
  folder: string;
  durations: Durations;
  keyring: Keyring;
  /** Results as they were published, in order. */
  results: ActionFinished[];
  request(action: string, input?: Record<string, unknown>, more?: Partial<ActionRequested>): Promise<ActionRequested>;
  /** A file as a gateway keeps it. */
  keep(name: string, content: string, more?: Partial<FileRef>): Promise<FileRef>;
  /** The text of a file that came with a result. */
  read(file: FileRef | undefined): Promise<string | undefined>;
  /** Desks that are there, of every runner of this folder. */
  desks: () => string[];
  /** The first result of that attempt. */
  result: (of: AttemptRef) => Promise<ActionFinished>;
  record(of: AttemptRef): Promise<AttemptRecord | undefined>;
  /** A runner within this process. */
  runner(config?: {
    concurrency?: number;
    id?: string;
    pools?: string[];
    given?: GivenConfig;
    checkOutput?: boolean;
    systemValues?: readonly string[];
    sensors?: boolean;
    foreignTriggers?: Readonly<Record<string, readonly string[]>>;
    /** Those of the scene when not given. */
    durations?: Durations;
  }): Promise<Service>;
  /** A runner as a process, as it is shipped. */
  process(env?: Record<string, string>): RunnerProcess;
  /** A fresh file, and the lines an action wrote into one. */
  file: () => string;
  lines: (file: string) => string[];
  /** Ends the runners, in this process and beside it. */
  clear(): Promise<void>;
  end(): Promise<void>;
}

export interface RunnerProcess {
  child: ChildProcess;
  exited: Promise<unknown>;
}

/** Everything that carries the mark of the runner with that name in that folder. */
export async function markedBy({ folder, id }: { folder: string; id: string }): Promise<{ pid: number; mark: string }[]> {
  const name = uniqueNameOf(join(folder, "runner"), id);
  return (await markedProcesses()).filter(({ mark }) => mark.startsWith(`${name}.`));
}

const main = fileURLToPath(new URL("main.ts", import.meta.url));

const sources: Record<string, string> = {
  noop: `run: () => ({ done: true })`,
  // A line, once per start: what a test counts.
  append: `input: { file: z.string(), wait: z.number().default(0) }, run: async ({ input }) => {
    appendFileSync(input.file, "started\\n");
    await new Promise((go) => setTimeout(go, input.wait));
    return "appended";
  }`,
  loop: `input: { file: z.string() }, run: ({ input }) => {
    spawn("setsid", ["sh", "-c", "setsid sleep 300 & sleep 300"], { stdio: "ignore" });
    appendFileSync(input.file, "started\\n");
    for (;;);
  }`,
  large: `run: () => "x".repeat(200_000)`,
  tell: `input: { password: z.string() }, secrets: ["password"], run: ({ input }) => {
    console.log("the password is " + input.password);
    return { told: input.password };
  }`,
  // Gives back what came with the command.
  copy: `input: { fail: z.boolean().default(false) }, run: ({ input, files, attach }) => {
    for (const { name, path, type } of files) attach(name, readFileSync(path), { type });
    if (input.fail) throw new Error("no luck");
    return files.map(({ name, type, bytes }) => ({ name, type, bytes }));
  }`,
  // Keeps, changes and tells what its pack keeps.
  keep: `input: { system: z.boolean().default(false) }, run: async ({ kv }) => {
    await kv.set("token", "hunter-of-secrets", { secret: true });
    await kv.set("short", 1, { ttl: 3600 });
    await kv.update("count", (before) => Number(before ?? 0) + 1);
    const token = await kv.get("token");
    console.log("the token is " + token);
    return { token, count: await kv.get("count", z.number()), names: await kv.list(), gone: await kv.delete("short"), none: (await kv.get("short")) ?? null };
  }`,
  system: `run: async ({ kv }) => (await kv.system.get("region")) ?? null`,
  // What it was given of the pack's configuration.
  configured: `run: ({ config }) => {
    console.log("configured with " + JSON.stringify(config));
    return { ...config, length: config.token?.length };
  }`,
};

/** Durations at a tenth, as fault tests have them, unless `factor` says otherwise. */
export async function startScene(
  options: { factor?: number; durations?: Partial<Durations>; config?: PackVersion["config"] } = {},
): Promise<Scene> {
  const { factor = 0.1 } = options;
  const nats = await startNats();
  const durations = scaled(factor, options.durations);
  const folder = mkdtempSync(join(tmpdir(), "runner-"));
  const bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  const digest = randomBytes(16).toString("hex");
  await activatePack(bus, pack(digest, options.config));
  const keyring = await openKeyring(join(folder, "key"));
  const results: ActionFinished[] = [];
  const waiting = new Map<string, (result: ActionFinished) => void>();
  const first = new Map<string, ActionFinished>();
  const collecting = await bus.consume({
    subject: subjects.action.finished,
    stream: streams.finished,
    filter: "action.finished.>",
    durable: "test",
    concurrency: 64,
    keyOf: (finished) => finished.run,
    handle: async (finished) => {
      results.push(finished);
      const key = attemptKey(finished);
      if (!first.has(key)) first.set(key, finished);
      waiting.get(key)?.(finished);
    },
  });
  const services: Service[] = [];
  const processes: RunnerProcess[] = [];
  let asked = 0;
  let files = 0;
  const config = { nats: { url: nats.url }, folder, durations, logLevel: "silent", file: {}, pools: ["default"], memoryMb: 64 };

  async function clear(): Promise<void> {
    await Promise.all(services.splice(0).map((service) => service.stop()));
    const ended = processes.splice(0);
    for (const { child } of ended) child.kill("SIGKILL");
    await Promise.all(ended.map(({ exited }) => exited));
  }

  return {
    nats,
    bus,
    folder,
    durations,
    keyring,
    results,
    async request(action, input = {}, more = {}) {
      const run = runId({ key: `test-${asked++}`, at: new Date().toISOString(), shard: 0 });
      const request: ActionRequested = {
        v: 1,
        run,
        task: "main",
        attempt: 1,
        pool: "default",
        action: `test.${action}`,
        digest,
        input,
        timeoutMs: 10_000,
        repeatable: false,
        ...more,
      };
      await bus.publish(subjects.action.requested, request, { id: messageIds.requested(request) });
      return request;
    },
    async keep(name, content, more = {}) {
      const bytes = Buffer.from(content);
      const object = createHash("sha256").update(bytes).digest("hex");
      await bus.objects("values").put(object, bytes);
      return { name, type: "text/plain", bytes: bytes.length, object, ...more };
    },
    async read(file) {
      const bytes = file?.object === undefined ? undefined : await bus.objects("values").get(file.object);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString();
    },
    desks: () => globSync("runner/*/desks/*", { cwd: folder }),
    result(of) {
      const key = attemptKey(of);
      const found = first.get(key);
      return found === undefined ? new Promise((resolve) => waiting.set(key, resolve)) : Promise.resolve(found);
    },
    record: async (of) => (await bus.bucket(buckets.attempt).get(attemptKey(of)))?.value,
    async runner(more = {}) {
      const service = await start({ ...config, concurrency: 8, ...more });
      services.push(service);
      return service;
    },
    process(env = {}) {
      const child = spawn(process.execPath, [main], {
        stdio: ["ignore", "ignore", "inherit"],
        env: {
          PATH: process.env.PATH,
          NATS_URL: nats.url,
          BELLHOP_FOLDER: folder,
          BELLHOP_TIME_FACTOR: String(factor),
          BELLHOP_LOG: "silent",
          NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "bellhop-test-compile-cache"),
          ...env,
        },
      });
      const running = { child, exited: once(child, "exit") };
      processes.push(running);
      return running;
    },
    file: () => join(folder, `file-${++files}`),
    lines: (file) => {
      try {
        return readFileSync(file, "utf8").split("\n").slice(0, -1);
      } catch {
        return [];
      }
    },
    clear,
    async end() {
      await clear();
      await collecting.drain();
      await bus.drain();
      await nats.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function pack(digest: string, config: PackVersion["config"]) {
  const file = (path: string, text: string) => ({ path, executable: path.endsWith(".sh"), base64: Buffer.from(text).toString("base64") });
  const action = (name: string, kind: string, more: { entryPoint?: string; output?: object } = {}) =>
    ActionDefinition.parse({
      ref: `test.${name}`,
      pack: "test",
      name,
      kind,
      parameters: {},
      source: { file: `actions/${name}.ts`, line: 1, column: 1 },
      ...more,
    });
  const names = Object.keys(sources);
  return {
    version: PackVersion.parse({
      v: 1,
      name: "test",
      version: "1.0.0",
      digest,
      actions: [
        ...names.map((name) => action(name, "typescript", { entryPoint: `actions/${name}.mjs` })),
        action("shell", "local-shell-cmd"),
        // What it prints has a schema.
        action("declared", "local-shell-cmd", {
          output: { type: "object", properties: { url: { type: "string", required: true }, key: { type: "string", secret: true } } },
        }),
        action("odd", "no-such-kind"),
      ],
      aliases: [],
      config,
    }),
    files: {
      v: 1 as const,
      digest,
      files: names.map((name) =>
        file(
          `actions/${name}.mjs`,
          `import { defineAction, z } from "@bellhop/sdk";
           import { appendFileSync, readFileSync } from "node:fs";
           import { spawn } from "node:child_process";
           export default defineAction({ description: "${name}", ${sources[name]} });`,
        ),
      ),
    },
  };
}
