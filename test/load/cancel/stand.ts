import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus, type Bus } from "@bellhop/bus";
import { durations, messageIds, messageKey, runId, shardOfKey, streams, subjects, type Address, type Person } from "@bellhop/contracts";
import { activatePack, describeProblem, loadPack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { stateOf } from "../proc.ts";
import { endProcess, plainEnv, startProcess, temporaryFolder, type StartedProcess } from "../processes.ts";
import { repository, appHeap, startServer } from "../stack.ts";
import { until } from "../../until.ts";

/** How a tree takes being asked to end. */
export type Manner = "obedient" | "stubborn";

/** A run whose processes are all there. */
export interface Tree {
  readonly run: string;
  readonly pids: readonly number[];
  /** When the first of its processes was seen, on the bench's clock. */
  readonly since: number;
}

/** An engine and two runners, one attempt each, as they ship. */
export interface Stand {
  /** Starts one tree on each runner. */
  grow(manner: Manner, more?: { timeout?: number }): Promise<Tree[]>;
  /** Says the word, as a person in a chat does. */
  say(words: string): Promise<void>;
  /** Asks for it, as `bellhop runs cancel` does. */
  ask(run: string): Promise<void>;
  /** -9 of both runners, and new ones in their place. */
  killRunners(): Promise<{ at: number }>;
  replaceRunners(): Promise<void>;
  /** Resolves when a run is over for whoever asked. */
  answered(run: string): Promise<void>;
  stop(): Promise<void>;
}

export const runners = ["left", "right"] as const;
const processesOfTree = 5;
const person: Person = { platform: "terminal", id: "bench", name: "bench", kind: "human" };
const account = "cancel-bench";
const address: Address = { platform: "terminal", account, channel: "prompt" };

export async function openStand(): Promise<Stand> {
  const { server, folder, credentials } = await startServer("cancel");
  const bus = await connectBus({
    url: server.url,
    credentials: credentials.operator.file,
    name: "bench",
    role: "operator",
    durations,
    log: silentLog,
  });
  await bus.setUp();
  await activateTrees(bus);
  const app = (role: "engine" | "runner", env: Record<string, string> = {}): StartedProcess =>
    startProcess({
      command: process.execPath,
      args: [...appHeap[role], join(repository, "apps", role, "src", "main.ts")],
      cwd: folder,
      env: { ...plainEnv(), NATS_URL: server.url, BELLHOP_CREDENTIALS: credentials[role].file, BELLHOP_FOLDER: folder, ...env },
    });
  const engine = app("engine");
  const runner = (name: string) => app("runner", { BELLHOP_RUNNER_ID: name, BELLHOP_CONCURRENCY: "1" });
  const hands = new Map<string, StartedProcess>(runners.map((name) => [name, runner(name)]));
  const over = new Set<string>();
  await bus.consume({
    subject: subjects.message.send,
    stream: streams.send,
    filter: subjects.message.send.filter({ platform: "terminal", account }),
    durable: "send_cancel_bench",
    concurrency: 8,
    keyOf: ({ key }) => key,
    handle: async ({ final, run }) => {
      if (final && run !== undefined) over.add(run);
    },
  });
  let said = 0;

  async function start(manner: Manner, { timeout }: { timeout?: number }): Promise<Tree> {
    const pids = join(temporaryFolder("tree"), "pids");
    const key = `ask/${account}/${randomUUID()}`;
    const askedAt = new Date().toISOString();
    const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
    const input = { pids, manner, ...(timeout === undefined ? {} : { timeout }) };
    const ask = { v: 1, kind: "start", key, run, action: "trees.tree", input, asker: person, replyTo: address, askedAt } as const;
    await bus.publish(subjects.run.asked, ask, { id: messageIds.asked(key) });
    const since = Promise.withResolvers<number>();
    await until(
      () => {
        if (existsSync(pids)) since.resolve(performance.now());
        return pidsIn(pids).length === processesOfTree;
      },
      { everyMs: 1 },
    );
    return { run, pids: pidsIn(pids), since: await since.promise };
  }

  return {
    grow: (manner, more = {}) => Promise.all(runners.map(async () => await start(manner, more))),
    async say(words) {
      const id = String(++said);
      const conversation = { channel: "prompt", kind: "direct" } as const;
      const key = messageKey({ platform: "terminal", account, conversation, id });
      const sentAt = new Date().toISOString();
      const message = { v: 1, key, platform: "terminal", account, conversation, author: person, content: { text: words }, sentAt } as const;
      const heard = { ...message, addressed: "prompt", origin: "live", replyTo: { ...address, message: id } } as const;
      await bus.publish(subjects.message.received, heard, { id: messageIds.received(key) });
    },
    async ask(run) {
      const key = `ask/${account}/${randomUUID()}`;
      const askedAt = new Date().toISOString();
      const ask = { v: 1, kind: "cancel", key, run, asker: person, replyTo: address, askedAt } as const;
      await bus.publish(subjects.run.asked, ask, { id: messageIds.asked(key) });
    },
    async killRunners() {
      const at = performance.now();
      for (const { child } of hands.values()) child.kill("SIGKILL");
      await Promise.all([...hands.values()].map(({ gone }) => gone));
      return { at };
    },
    async replaceRunners() {
      for (const name of runners) hands.set(name, runner(name));
    },
    answered: async (run) => await until(() => over.has(run), { everyMs: 1 }),
    async stop() {
      await Promise.all([engine, ...hands.values()].map(endProcess));
      await bus.drain();
      await server.stop();
    },
  };
}

/** Resolves with the moment at which none of these processes runs any more. One that nobody has looked after since is over as well. */
export async function gone(pids: readonly number[]): Promise<number> {
  let left = pids;
  await until(
    () => {
      left = left.filter((pid) => !["", "Z", "X"].includes(stateOf(pid)));
      return left.length === 0;
    },
    { everyMs: 1 },
  );
  return performance.now();
}

function pidsIn(file: string): number[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number) : [];
}

async function activateTrees(bus: Bus): Promise<void> {
  const folder = fileURLToPath(new URL("../packs/trees", import.meta.url));
  const loaded = await loadPack(folder);
  if (loaded.kind === "faulty") throw new Error(loaded.problems.map((problem) => describeProblem(folder, problem)).join("\n"));
  await activatePack(bus, { version: loaded.version, files: loaded.files });
}
