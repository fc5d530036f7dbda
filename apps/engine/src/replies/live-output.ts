import { setTimeout as pause } from "node:timers/promises";
import type { Bus } from "@bellhop/bus";
import {
  buckets,
  messageIds,
  pressKey,
  streams,
  subjects,
  token,
  toProblem,
  type Durations,
  type Press,
  type Run,
  type Send,
} from "@bellhop/contracts";
import { emptyTail, mayShowOutput, outputSend, tailed, type Tail } from "@bellhop/core";
import type { Log } from "@bellhop/service";
import type { RunBook, RunWatch } from "../runs/run-book.ts";

/** Runs whose output is read at one time. Each is a reader on the server; others wait until one of these is over. */
const mostAtOnce = 256;

export interface LiveOutput extends RunWatch {
  stop(): void;
}

/** Shows in chats what runs print while they work: docs/decisions/0018. Nothing of it is kept here that whoever takes the run over could not read again. */
export function showOutput(at: {
  bus: Bus;
  book: () => Pick<RunBook, "step" | "find">;
  durations: Pick<Durations, "showOutputAfter" | "rewordEvery">;
  log: Log;
}): LiveOutput {
  const { durations, log } = at;
  /** Runs that are counted, wait for their turn or are shown: how each is left. */
  const watched = new Map<string, () => void>();
  const waiting = new Set<string>();
  let shown = 0;

  const begin = (run: string) => {
    if (shown >= mostAtOnce) {
      waiting.add(run);
      watched.set(run, () => waiting.delete(run));
      return;
    }
    shown += 1;
    const over = new AbortController();
    watched.set(run, () => over.abort());
    void showRun({ ...at, run, signal: over.signal })
      .catch((error: unknown) => log.warn({ run, problem: toProblem(error).data }, "what a run prints is not shown any more"))
      .finally(() => {
        over.abort();
        shown -= 1;
        const [next] = waiting;
        if (next === undefined) return;
        waiting.delete(next);
        begin(next);
      });
  };
  const leave = (run: string) => {
    watched.get(run)?.();
    watched.delete(run);
  };
  return {
    seen(run) {
      if (run.endedAt !== undefined) leave(run.id);
      else if (mayShowOutput(run) && !watched.has(run.id)) {
        const timer = setTimeout(begin, durations.showOutputAfter, run.id);
        watched.set(run.id, () => clearTimeout(timer));
      }
    },
    forgotten: leave,
    stop() {
      for (const run of watched.keys()) leave(run);
    },
  };
}

interface Showing {
  bus: Bus;
  book: () => Pick<RunBook, "step" | "find">;
  durations: Pick<Durations, "rewordEvery">;
  run: string;
  signal: AbortSignal;
}

/** Reads all that comes at once, so that nothing piles up here, and now and then shows the end of it. */
async function showRun(showing: Showing): Promise<void> {
  const { bus, durations, run, signal } = showing;
  const { output } = subjects.run;
  const reading = bus.read({ subject: output, stream: streams.output, filter: output.filter({ run }), from: 1 });
  let tail: Tail = emptyTail;
  const read = async () => {
    for await (const { entries } of reading) for (const { payload } of entries) tail = tailed(tail, payload);
  };
  const show = async () => {
    let asked = 0;
    for (let shown = tail; !signal.aborted; await pause(durations.rewordEvery, undefined, { signal }).catch(() => undefined)) {
      if (tail === shown) continue;
      const before = tail;
      const next = await sayNext(showing, { wording: (state) => wordingOf(state, before), asked });
      if (next === "never") return;
      if (next === "later") continue;
      asked = next.asked;
      shown = before;
    }
  };
  const stop = () => reading.stop();
  signal.addEventListener("abort", stop);
  await Promise.all([read().finally(() => signal.removeEventListener("abort", stop)), show().finally(stop)]);
}

function wordingOf(run: Run, tail: Tail): { send: Send } | undefined {
  const send = outputSend(run, tail);
  return send && { send };
}

/** Asks for the wording that shows how a run stands now.
 *  @param at.wording undefined where there is nothing to see yet
 *  @param at.asked the revision that was asked for last, 0 where this engine asked for none
 *  @returns `later`: the last one waits to be said. `never`: nothing more is to be shown */
export async function sayNext(
  { bus, book, run, signal }: Pick<Showing, "bus" | "book" | "run" | "signal">,
  at: { wording: (run: Run) => { send: Send; press?: Press } | undefined; asked: number },
): Promise<{ asked: number } | "later" | "never"> {
  await book().step(run, { kind: "printed", id: "printed", at: new Date().toISOString() });
  const state = await book().find(run);
  if (state === undefined || state.endedAt !== undefined || signal.aborted) return "never";
  const wording = at.wording(state);
  if (wording === undefined) return { asked: at.asked };
  const { send, press } = wording;
  const receipt = (await bus.bucket(buckets.receipt).get(token(send.key)))?.value;
  // Who took it away, or what it stands in, is gone: the final word is tried all the same.
  if (receipt?.state === "failed") return "never";
  const said = receipt?.revision ?? 0;
  if (said >= send.revision) return { asked: said };
  if (at.asked > said) return "later";
  // Nobody sees what can be pressed before it is written down.
  if (press !== undefined) await bus.bucket(buckets.press).put(pressKey(press.id), press);
  await bus.publish(subjects.message.send, send, { id: messageIds.send(send) });
  return { asked: send.revision };
}
