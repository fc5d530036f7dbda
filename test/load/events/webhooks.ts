import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { median, percentile, figure, type Figure } from "../figures.ts";
import { cpuMicros, treeOf } from "../proc.ts";
import { path, ruleFor, startFloorSide, startProductSide, type Side } from "./sides.ts";

const rounds = 5;
const singles = 150;
const many = { count: 2_000, inFlight: 64 };

/** Webhooks one at a time and many at once, by the shipped programs and by bare ones with the same hops and durable writes, in turn. */
export async function measureWebhooks(node: readonly string[]): Promise<Figure[]> {
  const rule = ruleFor("hook", { type: "core.st2.webhook", parameters: { url: path } });
  const sides = [await startFloorSide(), await startProductSide({ rules: [rule], node })] as const;
  const load = sides.map(openLoad);
  const found = sides.map(() => ({
    stored: [] as number[],
    started: [] as number[],
    tail: [] as number[],
    rate: [] as number[],
    cpu: [] as number[],
  }));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, one] of load.entries()) {
      const alone = await one.alone(round === 0 ? 50 : singles);
      const together = await one.together(round === 0 ? { ...many, count: 500 } : many);
      // The first one warms up.
      if (round === 0) continue;
      const here = found[index];
      here?.stored.push(median(alone.storedMs));
      here?.started.push(median(alone.startedMs));
      here?.tail.push(percentile(alone.startedMs, 99));
      here?.rate.push(together.perSecond);
      here?.cpu.push(together.cpuMicros);
      process.stderr.write(
        `${sides[index]?.name ?? ""}: stored ${median(alone.storedMs).toFixed(2)} ms, started ${median(alone.startedMs).toFixed(2)} ms, ${together.perSecond.toFixed(0)} events/s\n`,
      );
    }
  }
  for (const one of load) one.close();
  for (const side of sides) await side.end();
  const [floor, product] = found;
  const both = (of: (one: NonNullable<typeof floor>) => number[]) => ({
    value: median(product === undefined ? [] : of(product)),
    against: { name: "floor", value: median(floor === undefined ? [] : of(floor)) },
  });
  return [
    figure({ name: "webhook to its run's start, p50", unit: "ms", ...both(({ started }) => started), aim: { atMost: 2 } }),
    figure({ name: "webhook to its run's start, p99", unit: "ms", ...both(({ tail }) => tail) }),
    figure({ name: "webhook to its 202, p50", unit: "ms", ...both(({ stored }) => stored) }),
    figure({ name: "webhooks to the ends of their runs, 64 at once", unit: "1/s", ...both(({ rate }) => rate), aim: { atLeast: 0.5 } }),
    figure({ name: "processor time of an event, all processes", unit: "us", ...both(({ cpu }) => cpu) }),
  ];
}

/** Sends to one side, and watches what it writes: the second write of an attempt's record says that it started, that of a run's log that it is over. */
function openLoad({ name, url, headers, wire, processes }: Side) {
  // One for each measurement: a server ends connections that lie idle meanwhile.
  let agent = new Agent();
  const connect = () => {
    agent.destroy();
    agent = new Agent({ keepAlive: true, maxSockets: many.inFlight });
  };
  const writes = new Map<string, number>();
  let onStarted = () => {};
  let onOver = () => {};
  const watch = (subject: string, tell: () => void) =>
    wire.nc.subscribe(subject, {
      callback: (_, { subject: written }) => {
        const times = (writes.get(written) ?? 0) + 1;
        writes.set(written, times);
        if (times === 2) tell();
      },
    });
  const watches = [watch("$KV.attempt.>", () => onStarted()), watch("run.changed.>", () => onOver())];
  let sent = 0;
  const tag = Math.random().toString(36).slice(2);
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const id = `${tag}${sent++}`;
      const body = JSON.stringify({ n: sent, text: "x".repeat(400) });
      const fields = { ...headers, "content-type": "application/json", "content-length": body.length, "idempotency-key": id };
      const going = request(`${url}/v1/webhooks/${path}`, { agent, method: "POST", headers: fields }, (answer) => {
        answer
          .resume()
          .once("end", () => (answer.statusCode === 202 ? resolve() : reject(new Error(`answered ${answer.statusCode ?? 0}`))));
      });
      going.once("error", reject).end(body);
    });
  const spent = () => Object.values(processes).map(({ pid }) => treeOf(pid).reduce((all, one) => all + cpuMicros(one), 0));

  return {
    async alone(count: number): Promise<{ storedMs: number[]; startedMs: number[] }> {
      connect();
      const [storedMs, startedMs]: [number[], number[]] = [[], []];
      for (let index = 0; index < count; index++) {
        const began = performance.now();
        const started = new Promise<void>((resolve) => (onStarted = resolve)).then(() => startedMs.push(performance.now() - began));
        const over = new Promise<void>((resolve) => (onOver = resolve));
        await send();
        storedMs.push(performance.now() - began);
        await started;
        await over;
      }
      return { storedMs, startedMs };
    },
    async together({ count, inFlight }: { count: number; inFlight: number }): Promise<{ perSecond: number; cpuMicros: number }> {
      connect();
      writes.clear();
      let left = count;
      let begun = 0;
      const over = new Promise<void>((resolve) => {
        onOver = () => {
          left -= 1;
          if (left === 0) resolve();
        };
      });
      onStarted = () => {};
      const before = spent();
      const began = performance.now();
      const sender = async () => {
        while (begun++ < count) await send();
      };
      await Promise.all(Array.from({ length: inFlight }, sender));
      await over;
      const seconds = (performance.now() - began) / 1_000;
      const cpu = spent().map((micros, index) => (micros - (before[index] ?? 0)) / count);
      process.stderr.write(
        `${name}: ${Object.keys(processes).join(", ")}: ${cpu.map(Math.round).join(", ")} us of processor time an event\n`,
      );
      return { perSecond: count / seconds, cpuMicros: cpu.reduce((sum, one) => sum + one, 0) };
    },
    close() {
      for (const one of watches) one.unsubscribe();
      agent.destroy();
    },
  };
}
