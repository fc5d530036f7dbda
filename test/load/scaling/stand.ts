import { connectBus, type Bus } from "@bellhop/bus";
import { buckets, durations, shards } from "@bellhop/contracts";
import { silentLog } from "@bellhop/service";
import type { FloorPlan } from "../floor/plan.ts";
import { nextWord, startOwn } from "../own.ts";
import { Told, type Order } from "../order.ts";
import { cpuMicros, treeOf } from "../proc.ts";
import { endProcess, type StartedProcess } from "../processes.ts";
import { activateBenchPack, startApp, startServer } from "../stack.ts";
import { until } from "../../until.ts";

export type Role = "engine" | "runner";

/** A server and a load, and engines and runners that come and go. */
export interface Stand {
  readonly bus: Bus;
  /** Resolves when it takes work. */
  start(role: Role, env?: Record<string, string>): Promise<StartedProcess>;
  /** SIGTERM. */
  stop(one: StartedProcess): Promise<void>;
  /** -9 */
  kill(one: StartedProcess): Promise<void>;
  run(order: Partial<Order> & Pick<Order, "count" | "inFlight" | "text">): Promise<Round>;
  end(): Promise<void>;
}

export interface Round {
  seconds: number;
  /** When each reply came, in seconds after the first message was sent; in order. */
  repliedAt: number[];
  /** Of what the machine's cores could have done in that time: 1 is all of it. */
  busy: Shares;
  /** Processor time for each reply, in microseconds. */
  cpu: Shares;
}

/** Of the processes of a kind together, with what they started. */
export type Shares = Record<Role | "server" | "load", number>;

const account = "bench";

export async function startStand(name: string, cores: number): Promise<Stand> {
  const place = await startServer(name);
  const { server, credentials } = place;
  const operator = credentials.operator.file;
  const bus = await connectBus({ url: server.url, credentials: operator, name: "bench", role: "operator", durations, log: silentLog });
  await bus.setUp();
  await activateBenchPack(bus);
  const plan: FloorPlan = { url: server.url, credentials: operator, shards: shards.length, shipped: true };
  const side = JSON.stringify({ side: "product", account });
  const load = startOwn({ file: "load-process.ts", env: { BENCH_PLAN: JSON.stringify(plan), BENCH_SIDE: side } });
  await nextWord(load, Told);
  const living = new Map<StartedProcess, Role>();
  const gone = { engine: 0, runner: 0 };

  const forget = (one: StartedProcess) => {
    const role = living.get(one);
    if (role !== undefined) gone[role] += cpuOfTree(one.pid);
    living.delete(one);
  };
  const cpu = (role: Role) => [...living].reduce((sum, [{ pid }, is]) => sum + (is === role ? cpuOfTree(pid) : 0), gone[role]);
  const spent = () => ({ engine: cpu("engine"), runner: cpu("runner"), server: cpuMicros(server.pid), load: cpuMicros(load.pid) });
  return {
    bus,
    async start(role, env = {}) {
      const one = startApp(role, { place, env, channel: true });
      await nextWord(one, Told);
      living.set(one, role);
      return one;
    },
    async stop(one) {
      forget(one);
      await endProcess(one);
    },
    async kill(one) {
      forget(one);
      one.child.kill("SIGKILL");
      await one.gone;
    },
    async run(order) {
      const before = spent();
      const answer = nextWord(load, Told);
      load.child.send(order);
      const told = await answer;
      if (told.kind !== "done") throw new Error(`${name}: ${told.kind === "failed" ? told.why : "out of step"}`);
      const after = spent();
      const by = (divisor: number) => {
        const part = (who: keyof Shares) => (after[who] - before[who]) / divisor;
        return { engine: part("engine"), runner: part("runner"), server: part("server"), load: part("load") };
      };
      const { seconds, repliedAtMs } = told;
      return {
        seconds,
        repliedAt: repliedAtMs.map((ms) => ms / 1000),
        busy: by(seconds * 1_000_000 * cores),
        cpu: by(repliedAtMs.length),
      };
    },
    async end() {
      await Promise.all([...living.keys(), load].map(endProcess));
      await bus.drain();
      await server.stop();
    },
  };
}

function cpuOfTree(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + cpuMicros(one), 0);
}

/** As people read it. */
export function wording(shares: Shares, unit: (share: number) => string): string {
  const all = Object.values(shares).reduce((sum, one) => sum + one, 0);
  const parts = (["server", "engine", "runner", "load"] as const).map((who) => `${who} ${unit(shares[who])}`);
  return `${unit(all)} (${parts.join(", ")})`;
}

/** Replies per second between two moments of a round, in seconds. */
export function rateBetween({ repliedAt }: Pick<Round, "repliedAt">, from: number, to: number): number {
  const between = repliedAt.filter((at) => at >= from && at <= to);
  const [first = Number.NaN] = between;
  const last = between.at(-1) ?? Number.NaN;
  // From reply to reply: what lies outside of them is nobody's.
  return (between.length - 1) / (last - first);
}

/** Resolves when so many engines share the shards evenly. */
export async function sharedBy(bus: Bus, engines: number): Promise<void> {
  await until(async () => {
    const held = new Map<string, number>();
    for (const { value } of await bus.bucket(buckets.holding).entries("shard.*")) held.set(value.epoch, (held.get(value.epoch) ?? 0) + 1);
    const most = Math.ceil(shards.length / engines);
    const total = [...held.values()].reduce((sum, count) => sum + count, 0);
    return held.size === engines && total === shards.length && [...held.values()].every((count) => count <= most);
  });
}
