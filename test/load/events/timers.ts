import { setTimeout as pause } from "node:timers/promises";
import { figure, median, percentile, type Figure } from "../figures.ts";
import { pssMegabytes } from "../proc.ts";
import { ruleFor, startProductSide } from "./sides.ts";

const timers = 10_000;
const minute = 60_000;
const sliceMs = 10_000;
/** So that all of them are on record before the first is due, on a machine that is busy. */
const lead = 30_000;

/** Timers of which each is due once, all in one minute, each for a rule of its own; what they lead to is done meanwhile. */
export async function measureTimers(node: readonly string[]): Promise<Figure[]> {
  const first = Date.now() + lead;
  const due = Array.from({ length: timers }, (_, index) => new Date(first + Math.floor((index * minute) / timers)).toISOString());
  const rules = due.map((date, index) => ruleFor(`t${index}`, { type: "core.st2.DateTimer", parameters: { date } }));
  const side = await startProductSide({ rules, node });
  const lateMs: number[] = [];
  const bySlice = new Map<number, number[]>();
  const fired = new Set<string>();
  let ended = 0;
  const runs = new Map<string, number>();
  const watches = [
    side.wire.nc.subscribe("trigger.fired.>", {
      callback: (_, message) => {
        const { key, firedAt } = message.json<{ key: string; firedAt: string }>();
        if (fired.has(key)) return;
        fired.add(key);
        const late = Date.now() - Date.parse(firedAt);
        lateMs.push(late);
        const slice = Math.floor((Date.parse(firedAt) - first) / sliceMs);
        const others = bySlice.get(slice);
        if (others === undefined) bySlice.set(slice, [late]);
        else others.push(late);
      },
    }),
    side.wire.nc.subscribe("run.changed.>", {
      callback: (_, { subject }) => {
        const times = (runs.get(subject) ?? 0) + 1;
        runs.set(subject, times);
        if (times === 2) ended += 1;
      },
    }),
  ];
  if (Date.now() > first) throw new Error("starting took longer than the lead: nothing is measured");
  process.stderr.write(`timers: ${Math.round((first - Date.now()) / 1000)} s until the first is due\n`);
  const memory: { at: number; engine: number }[] = [];
  while (Date.now() < first + minute + 60_000 && ended < timers) {
    await pause(1_000);
    memory.push({ at: Date.now() - first, engine: pssMegabytes(side.processes.engine.pid) });
  }
  const doneAfter = (Date.now() - first - minute) / 1_000;
  for (const watch of watches) watch.unsubscribe();
  await side.end();
  const between = (from: number, to: number) => median(memory.flatMap(({ at, engine }) => (at >= from && at < to ? [engine] : [])));
  const [early, late] = [between(10_000, 20_000), between(minute - 10_000, minute)];
  const slices = [...bySlice.values()].map((late) => percentile(late, 99));
  process.stderr.write(`timers: p99 of each ten seconds: ${slices.join(", ")} ms\n`);
  process.stderr.write(`timers: engine's memory by the second: ${memory.map(({ engine }) => Math.round(engine)).join(" ")} MB\n`);
  process.stderr.write(`timers: ${fired.size} ticks, ${ended} runs over ${doneAfter.toFixed(1)} s after the last was due\n`);
  return [
    figure({ name: `ticks of ${timers} timers in a minute`, value: fired.size, unit: "", aim: { atLeast: timers, atMost: timers } }),
    figure({ name: "lateness of a tick, p50", value: median(lateMs), unit: "ms" }),
    figure({ name: "lateness of a tick, p99", value: percentile(lateMs, 99), unit: "ms", aim: { atMost: 1_000 } }),
    figure({ name: "runs that were over a minute later", value: ended, unit: "", aim: { atLeast: timers } }),
    figure({
      name: "engine's memory at the minute's end",
      value: late,
      unit: "MB",
      against: { name: "ten seconds in", value: early },
      aim: { atMost: 1.1 },
    }),
  ];
}
