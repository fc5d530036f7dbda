import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { connectBus, type Bus } from "@bellhop/bus";
import { ensureCredentials, findNatsServer, serverConfig, startNatsServer, type NatsServer } from "@bellhop/bus/server";
import { durations } from "@bellhop/contracts";
import { activatePack, describeProblem, loadPack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { api, makeFloorStreams, type FloorPlan } from "./floor/plan.ts";
import { openWire, type Wire } from "./floor/wire.ts";
import { nextWord, startOwn } from "./own.ts";
import { Told, type Order } from "./order.ts";
import { cpuMicros, treeOf } from "./proc.ts";
import { endProcess, plainEnv, startProcess, temporaryFolder, type StartedProcess } from "./processes.ts";

/** Four processes that carry messages: server, engine, runner, and the load beside them. */
export interface Stack {
  readonly name: string;
  readonly server: NatsServer;
  readonly url: string;
  readonly folder: string;
  readonly processes: Readonly<Record<"engine" | "runner" | "load", StartedProcess>>;
  /** The operator's own connection, for looking at streams. */
  readonly wire: Wire;
  listStreams(): Promise<{ streams: { config: { name: string }; state: { last_seq: number } }[] }>;
  run(order: Partial<Order> & Pick<Order, "count" | "inFlight">): Promise<Round>;
  stop(): Promise<void>;
}

export interface Round {
  seconds: number;
  latenciesMs: number[];
  /** Processor time per message, in microseconds. The runner's includes the workers and helpers it started. */
  cpu: Record<"engine" | "runner" | "load" | "server", number>;
}

export interface ServerPlace {
  server: NatsServer;
  folder: string;
  credentials: Awaited<ReturnType<typeof ensureCredentials>>;
}

/** Copies of Node and nats-server for one measurement of memory: pages of a program's file that others on this machine run as well would count in
 *  part only. */
export interface Programs {
  node: string;
  natsServer: string;
}

export async function copyPrograms(): Promise<Programs> {
  const folder = temporaryFolder("programs");
  const programs = { node: join(folder, "node"), natsServer: join(folder, "nats-server") };
  await copyFile(process.execPath, programs.node);
  await copyFile(await natsBinary(), programs.natsServer);
  return programs;
}

export const repository = fileURLToPath(new URL("../..", import.meta.url));

let binary: Promise<string> | undefined;

/** The nats-server of this whole run. */
async function natsBinary(): Promise<string> {
  binary ??= findNatsServer({
    root: join(repository, ".bellhop"),
    env: process.env,
    log: (line) => process.stderr.write(`${line}\n`),
  }).then((found) => found.binary);
  return binary;
}

/** A nats-server as `up` configures it, with a store of its own and a user per role. */
export async function startServer(name: string, binary?: string): Promise<ServerPlace> {
  const folder = temporaryFolder(name);
  const credentials = await ensureCredentials(folder);
  const config = serverConfig({ users: Object.values(credentials), name: `bench-${name}` });
  const server = await startNatsServer({ binary: binary ?? (await natsBinary()), storeDir: join(folder, "nats"), config });
  return { server, folder, credentials };
}

export async function startFloor(options: { name: string; shards: number; shipped: boolean }): Promise<Stack> {
  const { name, shards, shipped } = options;
  const place = await startServer(name);
  const { server, credentials } = place;
  const plan: FloorPlan = { url: server.url, credentials: credentials.operator.file, shards, shipped };
  const wire = await openWire({ ...plan, name: "bench" });
  await makeFloorStreams(wire.nc, plan);
  const start = (file: string) => startReady(file, { BENCH_PLAN: JSON.stringify(plan), BENCH_SIDE: JSON.stringify({ side: "floor" }) });
  const [engine, runner, load] = await Promise.all([start("floor/engine.ts"), start("floor/runner.ts"), start("load-process.ts")]);
  return stackOf({ name, place, wire, processes: { engine, runner, load } });
}

export interface ProductOptions {
  name: string;
  /** Further arguments for Node, e.g. --cpu-prof. */
  node?: readonly string[];
  programs?: Programs;
  /** Whether the apps have run in this folder before, so that their caches are warm. */
  again?: boolean;
  /** What else is in the catalog before engine and runner start. */
  prepare?: (bus: Bus) => Promise<void>;
}

/** The product as it ships: each app's main.ts a process of its own, its own permissions, its own durations, its log going to a file. */
export async function startProduct({ name, node = [], programs, again = false, prepare }: ProductOptions): Promise<Stack> {
  const place = await startServer(name, programs?.natsServer);
  const { server, credentials } = place;
  await asOperator(place, async (bus) => {
    await bus.setUp();
    await activateBenchPack(bus);
    await prepare?.(bus);
  });
  const app = (role: "engine" | "runner") => startApp(role, { place, node, command: programs?.node });
  const apps = () => ({ engine: app("engine"), runner: app("runner") });
  const account = "bench";
  const plan: FloorPlan = { url: server.url, credentials: credentials.operator.file, shards: 16, shipped: true };
  const load = await startReady("load-process.ts", {
    BENCH_PLAN: JSON.stringify(plan),
    BENCH_SIDE: JSON.stringify({ side: "product", account }),
  });
  const wire = await openWire({ url: server.url, credentials: credentials.operator.file, name: "bench" });
  const stack = stackOf({ name, place, wire, processes: { ...apps(), load } });
  if (!again) return stack;
  await stack.run({ count: 1, inFlight: 1, text: noop });
  await firstSession();
  await Promise.all([stack.processes.engine, stack.processes.runner].map(endProcess));
  return stackOf({ name, place, wire, processes: { ...apps(), load } });
}

/** An app as it ships: its `main.ts` a process of its own, with its own permissions, its log going to a file. */
export function startApp(
  role: keyof typeof appHeap,
  at: { place: ServerPlace; node?: readonly string[]; command?: string | undefined; channel?: boolean; env?: Record<string, string> },
): StartedProcess {
  const { server, folder, credentials } = at.place;
  return startProcess({
    command: at.command ?? process.execPath,
    args: [...(at.node ?? []), ...appHeap[role], join(repository, "apps", role, "src", "main.ts")],
    cwd: folder,
    env: {
      ...plainEnv(),
      NODE_COMPILE_CACHE: join(folder, "compile-cache"),
      NATS_URL: server.url,
      BELLHOP_CREDENTIALS: credentials[role].file,
      BELLHOP_FOLDER: folder,
      ...at.env,
    },
    channel: at.channel ?? false,
  });
}

/** What is done before anything else runs. */
export async function asOperator({ server, credentials }: ServerPlace, work: (bus: Bus) => Promise<void>): Promise<void> {
  const credentialsFile = credentials.operator.file;
  const name = "bench operator";
  const bus = await connectBus({ url: server.url, credentials: credentialsFile, name, role: "operator", durations, log: silentLog });
  try {
    await work(bus);
  } finally {
    await bus.drain();
  }
}

/** How `npm start` starts Node. */
export const smallHeap = ["--max-semi-space-size=2", "--v8-pool-size=1"];

/** How docs/operate.md says to start what runs alone. */
export const gatewayHeap = ["--max-semi-space-size=4", "--v8-pool-size=1"];
const largerHeap = ["--max-semi-space-size=8", "--v8-pool-size=1"];
export const appHeap = { api: largerHeap, engine: [...largerHeap, "--max-old-space-size=2000"], runner: gatewayHeap };

/** A first session lasts at least this long: what a process compiled is kept for the next one a moment after it began. */
export async function firstSession(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}

/** Calls the action that does nothing. */
export const noop = "bench noop";

export async function activateBenchPack(bus: Bus): Promise<void> {
  const folder = fileURLToPath(new URL("./packs/bench", import.meta.url));
  const loaded = await loadPack(folder);
  if (loaded.kind === "faulty") throw new Error(loaded.problems.map((problem) => describeProblem(folder, problem)).join("\n"));
  await activatePack(bus, { version: loaded.version, files: loaded.files });
}

async function startReady(file: string, env: Record<string, string>): Promise<StartedProcess> {
  const started = startOwn({ file, env });
  await nextWord(started, Told);
  return started;
}

function stackOf(options: { name: string; place: ServerPlace; wire: Wire; processes: Stack["processes"] }): Stack {
  const { name, place, wire, processes } = options;
  const { server, folder } = place;
  const { engine, runner, load } = processes;
  return {
    name,
    server,
    url: server.url,
    folder,
    processes,
    wire,
    listStreams: () => api(wire.nc, "STREAM.LIST"),
    async run(order) {
      const apart = () => ({
        engine: cpuMicros(engine.pid),
        runner: cpuOfTree(runner.pid),
        server: cpuMicros(server.pid),
        load: cpuMicros(load.pid),
      });
      const before = apart();
      const answer = nextWord(load, Told);
      load.child.send(order);
      const died = Promise.race([engine, runner].map((one) => one.gone.then(() => one.lastWords())));
      const told = await Promise.race([
        answer,
        died.then((words) => {
          throw new Error(`${name}: engine or runner ended:\n${words}`);
        }),
      ]);
      if (told.kind !== "done") {
        const why = told.kind === "failed" ? told.why : "out of step";
        throw new Error(`${name}: ${why}\nengine: ${engine.lastWords()}\nrunner: ${runner.lastWords()}`);
      }
      const after = apart();
      const per = (who: keyof typeof before) => (after[who] - before[who]) / told.latenciesMs.length;
      const cpu = { engine: per("engine"), runner: per("runner"), load: per("load"), server: per("server") };
      return { seconds: told.seconds, latenciesMs: told.latenciesMs, cpu };
    },
    async stop() {
      await Promise.all([load, engine, runner].map(endProcess));
      await wire.nc.close();
      await server.stop();
    },
  };
}

function cpuOfTree(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + cpuMicros(one), 0);
}
