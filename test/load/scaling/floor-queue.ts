import { shards } from "@bellhop/contracts";
import { api, makeFloorStreams, type FloorPlan } from "../floor/plan.ts";
import { openWire } from "../floor/wire.ts";
import { Told } from "../order.ts";
import { nextWord, startOwn } from "../own.ts";
import { cpuMicros } from "../proc.ts";
import { endProcess } from "../processes.ts";
import { startServer } from "../stack.ts";
import { rateBetween, type Shares } from "./stand.ts";
import { until } from "../../until.ts";

/** The floor's programs work off a queue of so many: the engine fills it, then the runner comes and stays.
 *  @param at.shipped on streams as the product has them */
export async function startFloorQueue(queued: number, { shipped = false } = {}): Promise<{ rate: number; cpu: Shares }> {
  const { server, credentials } = await startServer("floor-queue");
  const plan: FloorPlan = { url: server.url, credentials: credentials.operator.file, shards: shipped ? shards.length : 1, shipped };
  const wire = await openWire({ ...plan, name: "bench" });
  await makeFloorStreams(wire.nc, plan);
  const start = async (file: string) => {
    const env = { BENCH_PLAN: JSON.stringify(plan), BENCH_SIDE: JSON.stringify({ side: "floor" }) };
    const started = startOwn({ file, env });
    await nextWord(started, Told);
    return started;
  };
  const [engine, load] = await Promise.all([start("floor/engine.ts"), start("load-process.ts")]);
  const answer = nextWord(load, Told);
  load.child.send({ count: queued, inFlight: queued, forMs: 120_000, withinMs: 120_000 });
  const waiting = async () => (await api<{ state: { messages: number } }>(wire.nc, "STREAM.INFO.ACTION")).state.messages;
  await until(async () => (await waiting()) >= queued, { within: 120_000, everyMs: 50 });
  const runner = await start("floor/runner.ts");
  const told = await answer;
  const spent = { engine: cpuMicros(engine.pid), runner: cpuMicros(runner.pid), server: cpuMicros(server.pid), load: cpuMicros(load.pid) };
  await Promise.all([engine, runner, load].map(endProcess));
  await wire.nc.close();
  await server.stop();
  if (told.kind !== "done") throw new Error(`the floor's queue: ${told.kind === "failed" ? told.why : "out of step"}`);
  const per = (who: keyof Shares) => spent[who] / queued;
  return {
    rate: rateBetween({ repliedAt: told.repliedAtMs.map((ms) => ms / 1000) }, 0, Number.POSITIVE_INFINITY),
    cpu: { engine: per("engine"), runner: per("runner"), server: per("server"), load: per("load") },
  };
}
