import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Bus, Hold, Membership } from "@bellhop/bus";
import { streams, subjects, toProblem, type Durations } from "@bellhop/contracts";
import type { History, HistoryPlace, Position } from "@bellhop/history";
import type { Log } from "@bellhop/service";

export interface HistoryOptions {
  bus: Bus;
  membership: Membership;
  durations: Durations;
  log: Log;
  place: HistoryPlace;
  keepDays: number;
}

const name = "projector";
const day = 86_400_000;
const hour = 3_600_000;

/** What came in this time is written together. */
const gatherMs = 100;
/** Where the thread has that much other work, history rests so many lengths of the last batch. */
const busyShare = 0.5;
const restWhenBusy = 10;
const longestRestMs = 500;
const lookMs = 1_000;
const forgottenAtOnce = 200;
const longestRetryMs = 60_000;

/** Keeps the history while this engine is the one that does: docs/decisions/0013. Resolves its `stop` once nothing more is written. */
export function keepHistory(options: HistoryOptions): { stop(): Promise<void> } {
  const { membership, durations, log } = options;
  const over = new AbortController();
  let wake: () => void = () => undefined;
  const unlisten = membership.onChange(() => wake());

  const isMine = () => membership.holder(name)?.epoch === membership.epoch;
  const turn = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (over.signal.aborted) wake();
    });

  /** While this engine holds it. */
  async function serve(hold: Hold): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    over.signal.addEventListener("abort", end);
    const watch = membership.onChange(() => {
      const holder = membership.holder(name);
      if (holder !== undefined && !isMine()) end();
    });
    try {
      if (!over.signal.aborted) await project(options, ending.signal);
    } finally {
      watch();
      over.signal.removeEventListener("abort", end);
      await membership.release(hold).catch(() => undefined);
    }
  }

  async function work(): Promise<void> {
    let failures = 0;
    while (!over.signal.aborted) {
      try {
        const hold = membership.holder(name) === undefined || isMine() ? await membership.hold(name) : undefined;
        if (hold !== undefined) {
          await serve(hold);
          failures = 0;
        }
        await turn(durations.leaseRenewal);
      } catch (error) {
        log.warn({ problem: toProblem(error).data }, "history can't be written, it is tried again");
        await turn(Math.min(longestRetryMs, durations.leaseRenewal * 2 ** failures++));
      }
    }
  }

  const working = work();
  return {
    async stop() {
      over.abort();
      unlisten();
      wake();
      await working;
    },
  };
}

/** Writes what the log says, until the signal. @throws Problem history_unavailable, version_newer, and what else keeps it from going on */
async function project({ bus, place, keepDays, log }: HistoryOptions, signal: AbortSignal): Promise<void> {
  // Engines that do not hold it need not have the SQL.
  const { openHistory } = await import("@bellhop/history");
  const history = await openHistory(place);
  let sweeping = Promise.resolve();
  const sweep = () => {
    sweeping = forgetOld(history, { keepDays, signal }).catch((error: unknown) => log.warn({ why: String(error) }, "old history stays for now"));
  };
  sweep();
  const timer = setInterval(sweep, hour);
  try {
    while (!signal.aborted) await follow({ bus, history, log, signal });
  } finally {
    clearInterval(timer);
    await sweeping;
    await history.close();
  }
}

/** Reads on from the position, until the signal or until the position is another than we left it. */
async function follow({ bus, history, log, signal }: { bus: Bus; history: History; log: Log; signal: AbortSignal }): Promise<void> {
  const { made, last } = await bus.log.extent();
  let at = await history.position();
  if (at.stream !== made) log.info({ made, before: at.stream }, "history reads another log");
  const from = at.stream === made ? at.sequence + 1 : 1;
  const { changed } = subjects.run;
  const reading = bus.read({ subject: changed, stream: streams.run, filter: changed.filter(), from });
  const stop = () => reading.stop();
  signal.addEventListener("abort", stop);
  let applying = false;
  const { reconnects } = bus.status();
  // A rebuild that somebody asks for, or a server that came back with another store: found without waiting for the next record.
  const look = setInterval(() => {
    if (bus.status().reconnects !== reconnects) return stop();
    if (applying) return undefined;
    const expected = at;
    history.position().then((found) => {
      if (!applying && at === expected && !isSame(found, expected)) stop();
    }, stop);
  }, lookMs);
  let behind = last >= from;
  try {
    for await (const { entries, last: sequence, pending } of reading) {
      const began = performance.now();
      const to: Position = { stream: made, sequence };
      applying = true;
      const applied = await history.apply({ from: at, to, entries: entries.map((entry) => ({ record: entry.payload, sequence: entry.sequence })) });
      applying = false;
      if (applied === "moved") return;
      at = to;
      if (behind && pending === 0) {
        behind = false;
        log.info({ sequence }, "history is up to date");
      }
      await rest({ gather: pending === 0, took: performance.now() - began, signal });
    }
  } finally {
    clearInterval(look);
    signal.removeEventListener("abort", stop);
    stop();
  }
}

async function forgetOld(history: History, { keepDays, signal }: { keepDays: number; signal: AbortSignal }): Promise<void> {
  const before = Date.now() - keepDays * day;
  while (!signal.aborted) {
    const began = performance.now();
    if ((await history.forget({ before, limit: forgottenAtOnce })) === 0) return;
    await rest({ gather: false, took: performance.now() - began, signal });
  }
}

/** Leaves the thread to commands: as long as we had it, and longer where they want it. */
async function rest({ gather, took, signal }: { gather: boolean; took: number; signal: AbortSignal }): Promise<void> {
  const wait = (ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);
  const before = performance.eventLoopUtilization();
  await wait(gather ? gatherMs : took);
  const { utilization } = performance.eventLoopUtilization(before);
  if (utilization > busyShare) await wait(Math.min(longestRestMs, took * restWhenBusy));
}

function isSame(a: Position, b: Position): boolean {
  return a.stream === b.stream && a.sequence === b.sequence;
}
