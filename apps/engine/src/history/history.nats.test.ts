import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, runId, scaled, streams, subjects, type PackVersion, type Run, type RunRecord } from "@bellhop/contracts";
import { openHistory, type History, type PastRunInFull } from "@bellhop/history";
import { activatePack } from "@bellhop/pack-loader";
import { silentLog } from "@bellhop/service";
import { startNats, type TestNats } from "@bellhop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../testing.ts";

const durations = scaled(0.2);
const pack: PackVersion = { v: 1, name: "none", version: "1.0.0", description: "", digest: "d1", actions: [], aliases: [] };
const engines: ChildProcess[] = [];
let nats: TestNats;
let bus: Bus;
let folder = "";
/** As anybody else on this machine reads it, while engines write it. */
let history: History;

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), "bellhop-history-"));
  bus = await connectBus({ url: nats.url, name: "test", durations, log: silentLog });
  await bus.setUp();
  await activatePack(bus, { version: pack, files: { v: 1, digest: pack.digest, files: [] } });
  history = await openHistory({ kind: "sqlite", file: join(folder, "history.db") });
});
afterAll(async () => {
  await Promise.all(engines.map(kill9));
  await history.close();
  await bus.drain();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

test("engines that are killed while they write leave what one reading of the log gives", { timeout: 120_000 }, async () => {
  for (let kills = 0; kills < 3; kills++) {
    const { sequence } = await history.position();
    const writing = appendRuns(200);
    const engine = startEngine();
    await until(async () => (await history.position()).sequence > sequence);
    await kill9(engine);
    await writing;
  }
  startEngine();
  await caughtUp();
  expect(await everything(history)).toEqual(await readAtOnce());
});

test("a rebuild brings back what was there, while the projector goes on", { timeout: 60_000 }, async () => {
  const { made: stream, first } = await bus.log.extent();
  const removed = await history.rebuild({ log: { stream, first }, all: false });
  expect(removed).toBe(asked);
  await appendRuns(50);
  await caughtUp();
  expect(await everything(history)).toEqual(await readAtOnce());
});

test("of two engines one is the projector, and the other goes on when that one dies", { timeout: 60_000 }, async () => {
  startEngine();
  const holding = bus.bucket(buckets.holding);
  await until(async () => (await bus.bucket(buckets.member).entries()).filter(({ value }) => value.role === "engine").length >= 2);
  const before = await holding.get("projector");
  await appendRuns(50);
  await caughtUp();
  expect((await holding.get("projector"))?.value.epoch).toBe(before?.value.epoch);
  const holder = (await bus.bucket(buckets.member).entries()).find(({ value }) => value.epoch === before?.value.epoch);
  const engine = engines.find(({ pid }) => pid === holder?.value.process?.pid);
  if (engine === undefined) throw new Error("the projector is none of ours");
  await kill9(engine);
  await appendRuns(50);
  await caughtUp();
  expect(await everything(history)).toEqual(await readAtOnce());
  expect((await holding.get("projector"))?.value.epoch).not.toBe(before?.value.epoch);
});

function startEngine(): ChildProcess {
  const config = {
    nats: { url: nats.url },
    folder,
    durations,
    logLevel: "silent",
    file: {},
    owners: [],
    concurrency: 8,
    history: { keepDays: 36_500 },
  };
  const program = `import { start } from "../start.ts"; await start(JSON.parse(process.argv[1]));`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program, JSON.stringify(config)], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
  engines.push(child);
  return child;
}

async function kill9(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  const gone = new Promise((resolve) => engine.once("exit", resolve));
  engine.kill("SIGKILL");
  await gone;
}

let asked = 0;
/** After the log was made: a rebuild leaves alone what was asked before. */
const firstAsked = Date.now() + 60_000;

/** Runs that were asked for and ended. */
async function appendRuns(count: number): Promise<void> {
  const some = Array.from({ length: count }, () => asked++);
  for (let from = 0; from < some.length; from += 64) {
    await Promise.all(
      some.slice(from, from + 64).map(async (number) => {
        const [begin, end] = recordsOf(number);
        const appended = await bus.log.append(begin, { after: 0 });
        if (appended.kind === "appended") await bus.log.append(end, { after: appended.sequence });
      }),
    );
  }
}

function recordsOf(number: number): [RunRecord, RunRecord] {
  const at = new Date(firstAsked + number * 10).toISOString();
  const id = runId({ key: `k${number}`, at, shard: number % 16 });
  const state: Run = {
    v: 1,
    id,
    revision: 1,
    status: "scheduled",
    action: "none.echo",
    reply: { enabled: true },
    asker: { platform: "slack", space: "T1", id: `U${number % 7}`, kind: "human" },
    replyTo: { platform: "slack", account: "A1", space: "T1", channel: `C${number % 3}` },
    answers: `k${number}`,
    tasks: {
      main: { action: "none.echo", digest: "d1", pool: "default", input: { number }, timeoutMs: 1, repeatable: true, attempt: 1 },
    },
    applied: [],
    askedAt: at,
    endedAt: at,
  };
  const record: RunRecord = { v: 1, run: id, revision: 1, event: { id: `k${number}`, kind: "asked" }, state, commands: [], at };
  const ended: Run = { ...state, revision: 2, status: number % 5 === 0 ? "failed" : "succeeded", output: { inline: number } };
  return [
    record,
    { ...record, revision: 2, event: { id: `f${number}`, kind: "finished" }, state: ended, outcome: { status: "succeeded", ms: number } },
  ];
}

/** Resolves once everything that is in the log is in the history. */
async function caughtUp(): Promise<void> {
  const last = await bus.log.lastSequence();
  await until(async () => (await history.position()).sequence >= last);
}

async function everything(of: History): Promise<PastRunInFull[]> {
  const all: PastRunInFull[] = [];
  for (let before: string | undefined; ;) {
    const page = await of.list({ limit: 500, before });
    const last = page.at(-1);
    if (last === undefined) return all;
    before = last.id;
    for (const { id } of page) {
      const run = await of.show(id);
      if (run !== undefined) all.push(run);
    }
  }
}

/** What the log says, in a history of its own. */
async function readAtOnce(): Promise<PastRunInFull[]> {
  const file = join(folder, `once-${asked}.db`);
  const fresh = await openHistory({ kind: "sqlite", file });
  const { changed } = subjects.run;
  let from = await fresh.position();
  for await (const { entries, last, pending } of bus.read({ subject: changed, stream: streams.run, filter: changed.filter(), from: 1 })) {
    const to = { stream: "once", sequence: last };
    await fresh.apply({ from, to, entries: entries.map(({ payload: record, sequence }) => ({ record, sequence })) });
    from = to;
    if (pending === 0) break;
  }
  const all = await everything(fresh);
  await fresh.close();
  return all;
}
