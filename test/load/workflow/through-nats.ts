import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Bus } from "@bellhop/bus";
import { messageIds, runId, shardOfKey, streams, subjects, type PackVersion, type RunRecord } from "@bellhop/contracts";
import { activatePack } from "@bellhop/pack-loader";
import { figure, median, type Figure } from "../figures.ts";
import { sharedBy, startStand } from "../scaling/stand.ts";
import { startWorkflowFloor } from "./floor.ts";

const rounds = 5;
const sequence = 1_000;
const side = { logs: 16, tasks: 100 };
const outAtOnce = 50;

/** Workflows of actions that do nothing, by the shipped programs, against the same hops and durable writes without a decision. */
export async function measureThroughNats(cores: number): Promise<Figure[]> {
  const floor = await startWorkflowFloor();
  const bare = { gap: [] as number[], rate: [] as number[], many: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const gap = median(gaps(await floor.run({ logs: 1, tasks: sequence })));
    const spread = await floor.run(side);
    const many = await floor.run({ logs: outAtOnce, tasks: 500 / outAtOnce });
    // The first one warms up.
    if (round === 0) continue;
    bare.gap.push(gap);
    bare.rate.push((1_000 * side.logs * side.tasks) / lasted(spread));
    bare.many.push(lasted(many));
    process.stderr.write(`floor: ${gap.toFixed(2)} ms between tasks, 500 at once ${lasted(many).toFixed(0)} ms\n`);
  }
  await floor.end();

  const stand = await startStand("workflow", cores);
  await activateFlows(stand.bus);
  await stand.start("engine");
  await stand.start("runner");
  const flows = startFlows(stand.bus);
  const product = { gap: [] as number[], rate: [] as number[], many: [] as number[], five: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const one = await flows.run("flow.sequence", { count: sequence });
    const spread = await Promise.all(Array.from({ length: side.logs }, () => flows.run("flow.sequence", { count: side.tasks })));
    const many = await flows.run("flow.items", { count: 500 });
    const five = await flows.run("flow.items", { count: 5_000 });
    if (round === 0) continue;
    product.gap.push(median(gaps(one.times)));
    product.rate.push((1_000 * side.logs * side.tasks) / lasted(spread.flatMap(({ times }) => times)));
    product.many.push(lasted(many.times));
    product.five.push(lasted(five.times));
    process.stderr.write(
      `product: ${median(gaps(one.times)).toFixed(2)} ms between tasks, 500 items ${lasted(many.times).toFixed(0)} ms, 5,000 ${lasted(five.times).toFixed(0)} ms\n`,
    );
  }
  const large = await largeSteps(stand.bus, flows);

  const eight = { apart: [] as number[], together: [] as number[] };
  await stand.start("engine");
  await sharedBy(stand.bus, 2);
  const together = () => Promise.all(Array.from({ length: 8 }, () => flows.run("flow.sequence", { count: 100 })));
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    for (let index = 0; index < 8; index++) await flows.run("flow.sequence", { count: 100 });
    const between = performance.now();
    await together();
    if (round === 0) continue;
    eight.apart.push(between - began);
    eight.together.push(performance.now() - between);
  }
  flows.stop();
  await stand.end();

  const floorGap = { name: "floor", value: median(bare.gap) };
  return [
    figure({
      name: "between tasks of a sequence of 1,000, p50",
      value: median(product.gap),
      unit: "ms",
      against: floorGap,
      aim: { atMost: 2 },
    }),
    figure({
      name: "tasks of 16 sequences at once",
      value: median(product.rate),
      unit: "1/s",
      against: { name: "floor", value: median(bare.rate) },
      aim: { atLeast: 0.5 },
    }),
    figure({
      name: "with-items 500, 50 at once",
      value: median(product.many),
      unit: "ms",
      against: { name: "floor", value: median(bare.many) },
      aim: { atMost: 3 },
    }),
    figure({ name: "with-items 500", value: median(product.many), unit: "ms", aim: { atMost: 1_000 } }),
    figure({ name: "with-items 5,000", value: median(product.five) / 1_000, unit: "s", aim: { atMost: 10 } }),
    figure({
      name: "eight workflows of 100 tasks at once, two engines",
      value: median(eight.together),
      unit: "ms",
      against: { name: "one after the other", value: median(eight.apart) },
      aim: { atMost: 1 },
    }),
    ...large,
  ];
}

/** A run of 1,000 tasks, each of which publishes 10 KB of its own. */
async function largeSteps(bus: Bus, flows: Flows): Promise<Figure[]> {
  const before = await stored(bus);
  const { run, times } = await flows.run("flow.publishing", { count: 1_000 });
  const after = await stored(bus);
  const records = await bus.log.records(run, { from: 1 });
  const largest = Math.max(...records.map(({ record }) => JSON.stringify(record).length));
  return [
    figure({
      name: "bytes stored for a step, 1,000 tasks that publish 10 KB each",
      value: (after - before) / times.length / 1024,
      unit: "KB",
      aim: { atMost: 64 },
    }),
    figure({ name: "largest record of that run", value: largest / 1024, unit: "KB", aim: { atMost: 64 } }),
  ];
}

async function stored(bus: Bus): Promise<number> {
  let bytes = 0;
  for (const stream of [streams.run.name, "OBJ_values"]) {
    for await (const { data } of bus.contents(stream)) bytes += data.length;
  }
  return bytes;
}

interface Flows {
  /** Resolves when the run is over. `times`: when each of its steps came by, in milliseconds */
  run(action: string, input: Record<string, unknown>): Promise<{ run: string; times: number[] }>;
  stop(): void;
}

function startFlows(bus: Bus): Flows {
  const watched = new Map<string, { times: number[]; over: (record: RunRecord) => void }>();
  const { changed } = subjects.run;
  const reading = bus.read({ subject: changed, stream: streams.run, filter: changed.filter(), from: 1 });
  const listen = async () => {
    for await (const { entries } of reading) {
      for (const { payload } of entries) {
        const flow = watched.get(payload.run);
        flow?.times.push(performance.now());
        if (payload.state?.endedAt !== undefined) flow?.over(payload);
      }
    }
  };
  listen().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
  return {
    async run(action, input) {
      const [key, askedAt] = [randomUUID(), new Date().toISOString()];
      const run = runId({ key, at: askedAt, shard: shardOfKey(key) });
      const times: number[] = [];
      const over = new Promise<RunRecord>((resolve) => watched.set(run, { times, over: resolve }));
      const asker = { platform: "terminal", id: "bench", kind: "human" } as const;
      const replyTo = { platform: "terminal", account: "bench", channel: "bench" };
      const ask = { v: 1, kind: "start", key, run, action, input, asker, replyTo, askedAt } as const;
      await bus.publish(subjects.run.asked, ask, { id: messageIds.asked(key) });
      const { state } = await over;
      watched.delete(run);
      if (state?.status !== "succeeded") throw new Error(`${action} ended ${state?.status ?? "without a run"}`);
      return { run, times };
    },
    stop: () => reading.stop(),
  };
}

/** A sequence is one task that leads to itself: what a definition of 1,000 tasks would cost to read is measured elsewhere. */
async function activateFlows(bus: Bus): Promise<void> {
  const source = { file: "bench.yaml", line: 1, column: 1 };
  const common = { pack: "flow", enabled: true, description: "", pool: "default", repeatable: false, source };
  const looped = (publish: unknown[]) => ({
    version: 1,
    input: ["count"],
    vars: [{ done: 0 }, { block: "x".repeat(10_000) }],
    tasks: {
      begin: { next: [{ do: "one" }] },
      one: {
        action: "bench.noop",
        next: [
          { when: "<% ctx(done) + 1 < ctx(count) %>", publish: [{ done: "<% ctx(done) + 1 %>" }, ...publish], do: "one" },
          { when: "<% ctx(done) + 1 >= ctx(count) %>", do: "noop" },
        ],
      },
    },
  });
  const items = { version: 1, input: ["count"], tasks: { all: { action: "bench.noop", with: "<% range(ctx(count)) %>" } } };
  const publishing = { published: "<% ctx(block) + str(ctx(done)) %>" };
  const workflows = { sequence: looped([]), publishing: looped([publishing]), items };
  const version: PackVersion = {
    v: 1,
    name: "flow",
    version: "1.0.0",
    description: "",
    digest: "bench-flow",
    actions: Object.entries(workflows).map(([name, workflow]) => ({
      ...common,
      kind: "orquesta",
      ref: `flow.${name}`,
      name,
      parameters: { count: { type: "integer" as const } },
      workflow,
    })),
    aliases: [],
  };
  await activatePack(bus, { version, files: { v: 1, digest: version.digest, files: [] } });
}

function lasted(times: readonly number[]): number {
  return Math.max(...times) - Math.min(...times);
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}
