import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connectBus, type Bus } from "@bellhop/bus";
import { scaled, shards, type Durations, type RunRecord, type StreamLayout } from "@bellhop/contracts";
import { activatePack, loadPack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";

const root = join(import.meta.dirname, "..");

/** Everything the product consists of, each in a process of its own that may be killed at any moment. */
export interface Stage<Nats extends StageNats = TestNats> {
  nats: Nats;
  folder: string;
  /** Where actions leave their traces. */
  file: string;
  bus: Bus;
  /** Starts engine-1, runner-2, slack-1 …; `crash` arms a crash point in it, `env` is added to its environment and kept for when it is started again. Started
   *  again, unarmed, when it dies of itself. */
  start(name: PartName, options?: { crash?: string; env?: Record<string, string> }): void;
  /** The processes that run now, nats-server apart. */
  pids(): ReadonlyMap<PartName, number>;
  /** Writes bellhop.yaml; for the parts that start from now on. */
  configure(config: object): void;
  /** -9, and whatever it was told to do is over. */
  kill(name: PartName): Promise<void>;
  /** As whoever operates it would: it may finish what it has in hand. */
  stop(name: PartName): Promise<void>;
  prompt(): Prompt;
  /** Crash points that were hit so far. */
  crashes(): string[];
  /** The last record of every run. */
  logs(): Promise<RunRecord[]>;
  /** What a part has logged so far, where that is kept. */
  logLines(name: PartName): LogLine[];
  end(): Promise<void>;
}

/** The server or servers that everything runs on. */
export type StageNats = Pick<TestNats, "url" | "stop">;

export type PartName = `${keyof typeof apps}-${number}`;

const apps = {
  api: "api",
  engine: "engine",
  runner: "runner",
  slack: "gateway-slack",
  discord: "gateway-discord",
  matrix: "gateway-matrix",
} as const;

interface Part {
  child: ChildProcess;
  env: Record<string, string>;
  stopping: boolean;
}

/** What a prompt showed: the line that was typed, and what came back for it. */
export interface Shown {
  line: string;
  text: string;
  outcome: string;
}

/** A prompt with its input and output piped (`bellhop chat --json`): what a person would type and see. */
export interface Prompt {
  say(line: string): void;
  /** Ends the input and waits until it has shown every reply. */
  finish(timeoutMs: number): Promise<{ code: number | null; notes: string }>;
  shown: Shown[];
}

export interface StageOptions {
  factor: number;
  packs: string[];
  /** Durations other than the table's, as `durations:` in bellhop.yaml gives them to the parts. */
  durations?: Partial<Durations>;
  /** Copies and limits of streams. */
  layout?: StreamLayout;
  /** More of every part's environment. */
  env?: Record<string, string>;
  /** What each part logs, over all of its lives, goes to a file: {@link Stage.logLines} reads it. */
  keepLogs?: boolean;
}

/** One line of a log. */
export interface LogLine {
  msg: string;
  trace?: string;
  [field: string]: unknown;
}

export async function startStage(options: StageOptions): Promise<Stage> {
  return await startStageOn(await startNats(), options);
}

/** The same on servers that run already; they end with it. */
export async function startStageOn<Nats extends StageNats>(nats: Nats, options: StageOptions): Promise<Stage<Nats>> {
  const folder = await mkdtemp(join(tmpdir(), "bellhop-stage-"));
  const file = join(folder, "traces");
  const witness = join(folder, "crashes");
  await writeFile(file, "");
  const common = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    HOME: folder,
    BELLHOP_FOLDER: join(folder, "home"),
    NATS_URL: nats.url,
    BELLHOP_TIME_FACTOR: String(options.factor),
    BELLHOP_LOG: process.env.BELLHOP_LOG,
    ...options.env,
  };
  const bus = await connectBus({ url: nats.url, name: "stage", durations: scaled(options.factor, options.durations), log: silentLog });
  await bus.setUp(options.layout);
  for (const pack of options.packs) await activatePack(bus, await loadedPack(pack));

  const logOf = (name: PartName) => join(folder, `${name}.log`);
  const parts = new Map<PartName, Part>();
  const prompts: ChildProcess[] = [];
  let ending = false;
  const start: Stage["start"] = (name, { crash, env = parts.get(name)?.env ?? {} } = {}) => {
    const [kind, number] = name.split("-") as [keyof typeof apps, string];
    const armed = crash === undefined ? {} : { BELLHOP_CRASH: crash, BELLHOP_CRASH_LOG: witness };
    const kept = options.keepLogs === true ? openSync(logOf(name), "a") : undefined;
    const child = spawn(process.execPath, [join(root, "apps", apps[kind], "src", "main.ts")], {
      // Whoever ends this test without a word ends them all.
      env: { ...common, BELLHOP_RUNNER_ID: `runner-${number}`, BELLHOP_LIFELINE_FD: "3", ...env, ...armed },
      cwd: folder,
      stdio: ["ignore", "ignore", kept ?? logTo(name), "pipe"],
    });
    if (kept !== undefined) closeSync(kept);
    const part = { child, env, stopping: false };
    parts.set(name, part);
    child.once("exit", () => {
      if (!ending && !part.stopping && parts.get(name) === part) start(name);
    });
  };

  async function end(name: PartName, signal: NodeJS.Signals): Promise<void> {
    const part = parts.get(name);
    if (part === undefined || !isRunning(part.child)) return;
    part.stopping = true;
    part.child.kill(signal);
    await once(part.child, "exit");
  }

  return {
    nats,
    folder,
    file,
    bus,
    start,
    pids: () => new Map([...parts].flatMap(([name, { child }]) => (isRunning(child) ? [[name, child.pid] as const] : []))),
    configure: (config) => writeFileSync(join(folder, "bellhop.yaml"), JSON.stringify(config)),
    kill: async (name) => end(name, "SIGKILL"),
    stop: async (name) => end(name, "SIGTERM"),
    prompt() {
      const child = spawn(process.execPath, [join(root, "apps", "cli", "src", "main.ts"), "chat", "--json"], {
        env: common,
        cwd: folder,
        stdio: ["pipe", "pipe", "pipe"],
      });
      prompts.push(child);
      return promptOf(child);
    },
    crashes: () => (existsSync(witness) ? readFileSync(witness, "utf8").trim().split("\n") : []),
    async logs() {
      const last = new Map<string, RunRecord>();
      for (const shard of shards) for await (const { record } of bus.log.scan({ shard })) last.set(record.run, record);
      return [...last.values()];
    },
    logLines(name) {
      const lines = existsSync(logOf(name)) ? readFileSync(logOf(name), "utf8").split("\n") : [];
      // Whoever is killed may leave half a line.
      return lines.filter((line) => line.startsWith("{") && line.endsWith("}")).map((line) => JSON.parse(line) as LogLine);
    },
    async end() {
      ending = true;
      const children = [...[...parts.values()].map((part) => part.child), ...prompts];
      for (const child of children) {
        if (!isRunning(child)) continue;
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await bus.drain();
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const loading = new Map<string, ReturnType<typeof load>>();

/** Read once for all stages of a process: it takes most of the time that a stage takes to stand. */
function loadedPack(folder: string): ReturnType<typeof load> {
  const known = loading.get(folder) ?? load(folder);
  loading.set(folder, known);
  return known;
}

async function load(folder: string) {
  const loaded = await loadPack(folder);
  if (loaded.kind === "faulty") throw new Error(JSON.stringify(loaded.problems));
  return loaded;
}

/** A server that was killed is started again on the same port and store, as its supervisor would. */
export function restartNatsWhenKilled(stage: Stage): { stop(): void } {
  let stopped = false;
  const watch = async () => {
    while (!stopped) {
      await stage.nats.exited();
      if (!stopped) await stage.nats.restart();
    }
  };
  void watch();
  return { stop: () => (stopped = true) };
}

function isRunning(child: ChildProcess): child is ChildProcess & { pid: number } {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function promptOf(child: ChildProcess): Prompt {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("the prompt has no pipes");
  const shown: Shown[] = [];
  let notes = "";
  createInterface({ input: stdout }).on("line", (line) => shown.push(JSON.parse(line) as Shown));
  stderr.setEncoding("utf8").on("data", (text: string) => (notes += text));
  const exited = once(child, "close") as Promise<[number | null]>;
  return {
    shown,
    say: (line) => stdin.write(`${line}\n`),
    async finish(timeoutMs) {
      stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
      const [code] = await exited;
      clearTimeout(timer);
      return { code, notes };
    },
  };
}

function logTo(name: string): "ignore" | "inherit" {
  return process.env.BELLHOP_STAGE_LOG === name || process.env.BELLHOP_STAGE_LOG === "all" ? "inherit" : "ignore";
}
