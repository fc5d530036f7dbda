import { setTimeout as pause } from "node:timers/promises";
import { shards } from "@bellhop/contracts";
import { figure, type Figure } from "../figures.ts";
import type { StartedProcess } from "../processes.ts";
import { noop } from "../stack.ts";
import { startFloorQueue } from "./floor-queue.ts";
import { rateBetween, startStand, wording, type Shares, type Stand } from "./stand.ts";
import { until } from "../../until.ts";

export const queued = 10_000;
const everyMs = 3_000;
const withinMs = 180_000;

/** A full queue, then two runners; once they stay, and once runners come and go: every moment another one starts, and the oldest leaves by SIGTERM or by -9 in turn. */
export async function measureDrain(cores: number): Promise<Figure[]> {
  const floor = await startFloorQueue(queued);
  process.stderr.write(`floor: ${floor.rate.toFixed(0)}/s\n`);
  const asShipped = await startFloorQueue(queued, { shipped: true });
  process.stderr.write(`floor on streams as the product has them: ${asShipped.rate.toFixed(0)}/s\n`);
  const calm = await drain("drain-calm", cores, twoThatStay);
  process.stderr.write(`two runners that stay: ${calm.rate.toFixed(0)}/s\n`);
  const { rate, cpu, changes, lost, again, told } = await drain("drain", cores, comeAndGo);
  process.stderr.write(`drained at ${rate.toFixed(0)}/s, ${changes.stopped} runners stopped, ${changes.killed} killed\n`);
  const about = `${queued} queued runs`;
  const name = `${about} drained while runners come and go`;
  const each = (shares: Shares) => wording(shares, microseconds);
  const share = Math.round((calm.told / queued) * 100);
  return [
    figure({
      name,
      value: rate,
      unit: "1/s",
      against: { name: "bare programs, same hops and durable writes, the same queue, one runner that stays", value: floor.rate },
      aim: { atLeast: 0.6 },
      why: `processor time for each run, queueing it included: ${each(cpu)}; where two runners stay ${each(calm.cpu)}, ${share} % of it with a notice more; the floor's ${each(floor.cpu)}, on streams as the product has them ${each(asShipped.cpu)}`,
    }),
    figure({ name, value: rate, unit: "1/s", against: { name: "the floor on streams as the product has them", value: asShipped.rate } }),
    figure({ name, value: rate, unit: "1/s", against: { name: "two runners that stay", value: calm.rate } }),
    figure({ name: `${about}, told on the way that they wait`, value: told, unit: "1" }),
    figure({ name: `${about}, lost or unanswered`, value: lost + calm.lost, unit: "1", aim: { atMost: 0 } }),
    figure({ name: `${about}, begun again after a kill (the action is repeatable)`, value: again, unit: "1" }),
    figure({ name: "runners stopped by SIGTERM meanwhile", value: changes.stopped, unit: "1" }),
    figure({ name: "runners killed by -9 meanwhile", value: changes.killed, unit: "1" }),
  ];
}

interface Changes {
  stopped: number;
  killed: number;
}

type Crew = (stand: Stand, over: AbortSignal) => Promise<Changes>;

async function drain(name: string, cores: number, crew: Crew): Promise<Outcome & { rate: number; cpu: Shares; changes: Changes }> {
  const stand = await startStand(name, cores);
  await stand.start("engine");
  const asked = stand.run({ text: noop, count: queued, inFlight: queued, forMs: withinMs, withinMs });
  asked.catch(() => {});
  await full(stand);
  process.stderr.write(`${queued} runs are queued\n`);
  const over = new AbortController();
  void asked.finally(() => over.abort()).catch(() => {});
  const changes = await crew(stand, over.signal);
  const round = await asked;
  const found = await outcome(stand);
  await stand.end();
  return { ...found, rate: rateBetween(round, 0, Number.POSITIVE_INFINITY), cpu: round.cpu, changes };
}

const microseconds = (us: number) => `${us.toFixed(0)} us`;

async function full({ bus }: Stand): Promise<void> {
  await until(async () => (await bus.log.lastSequence()) >= queued, { within: 120_000, everyMs: 100 });
}

async function twoThatStay(stand: Stand): Promise<Changes> {
  await stand.start("runner");
  await stand.start("runner");
  return { stopped: 0, killed: 0 };
}

async function comeAndGo(stand: Stand, over: AbortSignal): Promise<Changes> {
  const changes = { stopped: 0, killed: 0 };
  const leaving: Promise<void>[] = [];
  const living: StartedProcess[] = [await stand.start("runner"), await stand.start("runner")];
  while (!over.aborted) {
    await pause(everyMs, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) break;
    living.push(await stand.start("runner"));
    const oldest = living.shift();
    if (oldest === undefined || over.aborted) continue;
    const gently = changes.stopped <= changes.killed;
    leaving.push(gently ? stand.stop(oldest) : stand.kill(oldest));
    changes[gently ? "stopped" : "killed"] += 1;
  }
  await Promise.all(leaving);
  return changes;
}

interface Outcome {
  lost: number;
  again: number;
  /** Who waited so long that it was said where they asked. */
  told: number;
}

/** As the log has it: the load has seen a reply to each. */
async function outcome({ bus }: Stand): Promise<Outcome> {
  let succeeded = 0;
  let again = 0;
  let told = 0;
  for (const shard of shards) {
    for await (const { record } of bus.log.scan({ shard })) {
      if (record.state?.status === "succeeded") succeeded += 1;
      if (Object.values(record.state?.tasks ?? {}).some(({ attempt }) => attempt > 1)) again += 1;
      if (record.commands.some((command) => command.kind === "send" && !command.send.final)) told += 1;
    }
  }
  return { lost: queued - succeeded, again, told };
}
