import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { durations, type Durations } from "@bellhop/contracts";
import { median } from "../../load/figures.ts";
import { corePack, storiesPack } from "../../journeys/packs.ts";
import type { Platform } from "../../platforms.ts";
import { startTeam, type Team } from "../../team.ts";
import { tracesIn } from "../gateways/asked.ts";
import { faultyPacks } from "../packs.ts";
import { faultIn, faultsOf, mixture, type Wish } from "./people.ts";
import { openSampling, type Sample } from "./sample.ts";
import { judge, type Verdict } from "./verdict.ts";
import { forecast, hit, nameOf } from "./weather.ts";

export interface SteadyOptions {
  minutes: number;
  /** Commands in a second. */
  rate: number;
  tell: (line: string) => void;
  onSample?: (sample: Sample) => void;
}

export interface Steadiness extends Verdict {
  minutes: number;
  commands: number;
  strikes: number;
  /** From what was said until all that belongs to it was there, to a second. */
  longestWaitSeconds: number;
  /** Of one core, of all processes of the product; and the most that all of them took, in MB. */
  cpuShare: number;
  megabytes: number;
  samples: number;
}

/** A whole installation under a modest load for some minutes: two engines, two runners, three gateways, NATS and a history in SQLite. Records of what is over are kept
 *  for a part of that time only, in the ratios of the table, so that what is stored reaches its level within the first third, and whatever still grows has no end. */
export async function standSteady({ minutes, rate, tell, onSample }: SteadyOptions): Promise<Steadiness> {
  const seconds = minutes * 60;
  const team = await startTeam({
    factor: 1,
    packs: [corePack, storiesPack, ...faultyPacks],
    rooms,
    durations: shortened(seconds * 1_000),
    // As the units have it; the inspector of each is asked for its heap.
    env: { NODE_OPTIONS: "--max-semi-space-size=2 --v8-pool-size=1 --inspect-port=0" },
  });
  const sampling = await openSampling(team.stage);
  try {
    for (const part of ["engine-2", "runner-2"] as const) team.stage.start(part);
    const samples: Sample[] = [];
    const faults: string[] = [];
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1_000;
    const sample = async () => {
      const one = await sampling.take();
      samples.push(one);
      onSample?.(one);
    };
    const people = talk(team, elapsed);
    const strikes = forecast(seconds);
    const every = Math.min(30, seconds / 40);
    await Promise.all([
      onTime({ count: Math.floor(seconds * rate), atOf: (index) => index / rate, elapsed, act: (index) => people.say(index) }),
      onTime({ count: Math.floor(seconds / every), atOf: (index) => (index + 1) * every, elapsed, act: sample }),
      onTime({
        count: strikes.length,
        atOf: (index) => strikes[index]?.at ?? 0,
        elapsed,
        async act(index) {
          const one = strikes[index];
          if (one === undefined) return;
          tell(`${Math.round(elapsed())} s: ${nameOf(one.strike)}; ${people.open()} of ${people.wishes.length} unanswered`);
          await hit(team, one.strike);
        },
      }),
    ]);
    await people.settle(tell);
    await pause(restMs);
    await sample();
    faults.push(...people.failed, ...faultsOf({ wishes: people.wishes, chats: team.chats, file: team.stage.file }));
    for (const { state } of await team.stage.logs())
      if (state !== undefined && state.endedAt === undefined) faults.push(`run ${state.id} still waits: ${state.status}`);
    // What was said while it settled belongs to the last sample, not to the trend.
    const verdict = judge(samples, rate * 3_600);
    return {
      ...verdict,
      faults: [...faults, ...verdict.faults],
      minutes,
      commands: people.wishes.length,
      strikes: strikes.length,
      longestWaitSeconds: people.longestWait(),
      cpuShare: cpuShareOf(samples),
      megabytes: Math.max(
        ...samples.map(({ processes }) => Object.values(processes).reduce((sum, one) => sum + one.memory + one.childMemory, 0)),
      ),
      samples: samples.length,
    };
  } finally {
    await sampling.close();
    await team.end();
  }
}

const rooms = Array.from({ length: 7 }, (_, index) => `room-${index}`);
/** Runners let go of workers that nobody needs, and dead members are found. */
const restMs = 30_000;
/** The longest that anybody waits: for the late result of a runner that is gone. */
const settleMs = durations.lateResult + 120_000;

/** Retention in the ratios of the table, the log's being a quarter of the run; none below the duplicate window, which NATS does not allow. What is taken away now and
 *  then is taken away ten times. */
function shortened(runMs: number): Partial<Durations> {
  const part = (length: number) => Math.max(durations.duplicateWindow, Math.round((runMs / 4) * (length / durations.runLogRetention)));
  const now = Math.round(runMs / 10);
  return {
    runLogRetention: part(durations.runLogRetention),
    recordRetention: part(durations.recordRetention),
    catchUpRetention: part(durations.catchUpRetention),
    outputRetention: part(durations.outputRetention),
    objectRetention: part(durations.objectRetention),
    tidyEvery: now,
    // At each tidying.
    sweepEvery: Math.round(now / 2),
  };
}

/** Does it at each of its times; when one takes longer, the next follows at once, but lets others have their turn. */
async function onTime(at: {
  count: number;
  atOf(index: number): number;
  elapsed(): number;
  act(index: number): Promise<void>;
}): Promise<void> {
  for (let index = 0; index < at.count; index++) {
    await pause(Math.max(0, at.atOf(index) - at.elapsed()) * 1_000);
    await at.act(index);
  }
}

/** What people say, and how long they wait. */
function talk({ stage, chats }: Team, elapsed: () => number) {
  const wishes: Wish[] = [];
  const failed: string[] = [];
  const asking = new Set<Promise<void>>();
  let open: Wish[] = [];
  let longest = 0;

  /** Where people may see something else than at the last look: looking at a room that has grown long takes its time. */
  const changed = new Set<Platform>();
  for (const chat of chats) chat.onChange(() => changed.add(chat));

  function look(): number {
    if (changed.size === 0) return open.length + asking.size;
    const traces = tracesIn(stage.file);
    const left = open.filter((wish) => !changed.has(wish.chat) || faultIn(wish, traces) !== undefined);
    changed.clear();
    if (left.length < open.length) {
      const done = open.filter((wish) => !left.includes(wish));
      longest = Math.max(longest, ...done.map(({ at }) => elapsed() - at));
    }
    open = left;
    return open.length + asking.size;
  }

  async function ask(index: number): Promise<void> {
    const [kind, means] = mixture[index % mixture.length] ?? [];
    // Every kind comes everywhere: their numbers have no common divisor.
    const chat = chats[index % chats.length];
    const room = rooms[index % rooms.length];
    if (kind === undefined || means === undefined || chat === undefined || room === undefined) throw new Error("there is nothing to say");
    const at = elapsed();
    try {
      const wish: Wish = { chat, kind, at, ...(await means({ chat, room, word: `w${index}`, file: stage.file })) };
      wishes.push(wish);
      open.push(wish);
      // It may have been answered already.
      changed.add(chat);
    } catch (error) {
      failed.push(`${chat.name}, ${kind}, said at ${Math.round(at)} s: ${String(error)}`);
    }
  }

  return {
    wishes,
    /** What could not even be asked. */
    failed,
    open: look,
    longestWait: () => Math.round(longest),
    /** Does not wait for the answer. */
    async say(index: number): Promise<void> {
      const asked = ask(index).finally(() => asking.delete(asked));
      asking.add(asked);
      look();
    },
    /** What is not well in time is found by the last look at everything. */
    async settle(tell: (line: string) => void): Promise<void> {
      const end = performance.now() + settleMs;
      while (look() > 0 && performance.now() < end) await pause(1_000);
      tell(`${Math.round(elapsed())} s: ${look()} of ${wishes.length} unanswered at the end`);
    },
  };
}

/** The median over the time between two samples: a process that was killed takes its account with it. */
function cpuShareOf(samples: readonly Sample[]): number {
  const shares = samples.slice(1).map((sample, index) => {
    const before = samples[index];
    const used = Object.entries(sample.processes).reduce((sum, [name, { pid, cpu }]) => {
      const earlier = before?.processes[name];
      return sum + (earlier?.pid === pid ? cpu - earlier.cpu : cpu);
    }, 0);
    return used / ((sample.at - (before?.at ?? 0)) * 3_600);
  });
  return median(shares);
}
