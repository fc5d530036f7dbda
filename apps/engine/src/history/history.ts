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

/** What the projector holds. */
export const projectorHolding = "projector";
const day = 86_400_000;
const hour = 3_600_000;

/** What came in this time is written together. */
const gatherMs = 100;
/** Where there are commands to handle, history rests so many lengths of its last batch. */
const restWhenBusy = 10;
const longestRestMs = 500;
const lookMs = 1_000;
const forgottenAtOnce = 200;
const longestRetryMs = 60_000;
const longestFarewellMs = 2_000;

interface Until {
  /** What is in the log by then is still written. */
  leaving: AbortSignal;
  /** Now. */
  signal: AbortSignal;
}

/** Keeps the history while this engine is the one that does: docs/decisions/0013. Its `stop` reads to the end of the log first, for a while, so that what ran
 *  can be looked up while nothing runs. */
export function keepHistory(options: HistoryOptions): { stop(): Promise<void> } {
  const { membership, durations, log } = options;
  const leaving = new AbortController();
  const over = new AbortController();
  let wake: () => void = () => undefined;
  const unlisten = membership.onChange(() => wake());

  const isMine = () => membership.holder(projectorHolding)?.epoch === membership.epoch;
  const turn = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (leaving.signal.aborted) wake();
    });

  /** While this engine holds it. */
  async function serve(hold: Hold): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    over.signal.addEventListener("abort", end);
    const watch = membership.onChange(() => {
      const holder = membership.holder(projectorHolding);
      if ((holder !== undefined && !isMine()) || membership.outdated()) end();
    });
    try {
      if (!leaving.signal.aborted) await project(options, { leaving: leaving.signal, signal: ending.signal });
    } finally {
      watch();
      over.signal.removeEventListener("abort", end);
      await membership.release(hold).catch(() => undefined);
    }
  }

  async function work(): Promise<void> {
    let failures = 0;
    while (!leaving.signal.aborted) {
      try {
        const free = membership.holder(projectorHolding) === undefined && !membership.outdated();
        const hold = free || isMine() ? await membership.hold(projectorHolding) : undefined;
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
      leaving.abort();
      unlisten();
      wake();
      const late = setTimeout(() => over.abort(), Math.min(longestFarewellMs, durations.drain / 2));
      await working;
      clearTimeout(late);
    },
  };
}

/** Writes what the log says. @throws Problem history_unavailable, version_newer, and what else keeps it from going on */
async function project({ bus, place, keepDays, log }: HistoryOptions, until: Until): Promise<void> {
  const { signal } = until;
  // Engines that do not hold it need not have the SQL.
  const { openHistory } = await import("@bellhop/history");
  const history = await openHistory(place);
  let sweeping = Promise.resolve();
  const sweep = () => {
    sweeping = forgetOld(history, { bus, keepDays, until }).catch((error: unknown) =>
      log.warn({ why: String(error) }, "old history stays for now"),
    );
  };
  sweep();
  const timer = setInterval(sweep, hour);
  try {
    while (!signal.aborted && (await follow({ bus, history, log, until })) === "again");
  } finally {
    clearInterval(timer);
    await sweeping;
    await history.close();
  }
}

/** Reads on from the position: until the signal, or until the position is another than we left it. */
async function follow({ bus, history, log, until }: { bus: Bus; history: History; log: Log; until: Until }): Promise<"again" | "done"> {
  const { leaving, signal } = until;
  let at = await history.position();
  const { made, last } = await bus.log.extent();
  if (at.stream !== made) log.info({ made, before: at.stream }, "history reads another log");
  // It is ahead of a log that was restored from before: nothing is lost by reading that again.
  const from = at.stream === made && at.sequence <= last ? at.sequence + 1 : 1;
  const { changed } = subjects.run;
  const reading = bus.read({ subject: changed, stream: streams.run, filter: changed.filter(), from });
  const stop = () => reading.stop();
  let end = Number.POSITIVE_INFINITY;
  const leave = () => {
    bus.log.lastSequence().then((sequence) => {
      end = sequence;
      if (at.sequence >= end) stop();
    }, stop);
  };
  signal.addEventListener("abort", stop);
  leaving.addEventListener("abort", leave);
  if (leaving.aborted) leave();
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
      const applied = await history.apply({
        from: at,
        to,
        entries: entries.map((entry) => ({ record: entry.payload, sequence: entry.sequence })),
      });
      applying = false;
      if (applied === "moved") return "again";
      at = to;
      if (behind && pending === 0) {
        behind = false;
        log.info({ sequence }, "history is up to date");
      }
      if (sequence >= end) return "done";
      await rest({ bus, gather: pending === 0, took: performance.now() - began, until });
    }
    return signal.aborted || at.sequence >= end ? "done" : "again";
  } finally {
    clearInterval(look);
    signal.removeEventListener("abort", stop);
    leaving.removeEventListener("abort", leave);
    stop();
  }
}

async function forgetOld(history: History, { bus, keepDays, until }: { bus: Bus; keepDays: number; until: Until }): Promise<void> {
  const before = Date.now() - keepDays * day;
  while (!until.leaving.aborted) {
    const began = performance.now();
    if ((await history.forget({ before, limit: forgottenAtOnce })) === 0) return;
    await rest({ bus, gather: false, took: performance.now() - began, until });
  }
}

/** Where commands are in hand, the thread is theirs: history rests many lengths of its last batch. */
async function rest(at: { bus: Bus; gather: boolean; took: number; until: Until }): Promise<void> {
  const { bus, gather, took, until } = at;
  const ms = bus.status().inHand > 0 ? Math.min(longestRestMs, took * restWhenBusy) : 0;
  const signal = AbortSignal.any([until.leaving, until.signal]);
  await pause(gather ? Math.max(gatherMs, ms) : ms, undefined, { signal }).catch(() => undefined);
}

function isSame(a: Position, b: Position): boolean {
  return a.stream === b.stream && a.sequence === b.sequence;
}
