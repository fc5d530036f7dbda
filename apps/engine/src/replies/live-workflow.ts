import type { Bus } from "@bellhop/bus";
import { toProblem, type Durations, type Run } from "@bellhop/contracts";
import { mayShowTasks, tasksSend } from "@bellhop/core";
import type { Log } from "@bellhop/service";
import { sayNext, type LiveOutput } from "./live-output.ts";
import type { RunBook } from "../runs/run-book.ts";

interface Shown {
  /** Of the run as it was seen last, and as it was said. */
  revision: number;
  said: number;
  /** The revision of its reply that was asked for last. */
  asked: number;
  /** It is being asked for now. */
  saying: boolean;
  over: AbortController;
  timer?: NodeJS.Timeout;
}

/** Shows in chats how the tasks of workflows fare while they run: one message, reworded when something changed, once a second at most. Nothing of it is kept here that whoever
 *  takes the run over could not make again of its state. */
export function showWorkflows(at: {
  bus: Bus;
  book: () => Pick<RunBook, "step" | "find">;
  durations: Pick<Durations, "showOutputAfter" | "rewordEvery">;
  log: Log;
}): LiveOutput {
  const { bus, book, durations, log } = at;
  const shown = new Map<string, Shown>();

  const leave = (run: string) => {
    const one = shown.get(run);
    if (one === undefined) return;
    one.over.abort();
    clearTimeout(one.timer);
    shown.delete(run);
  };
  const wait = (run: string, one: Shown, ms: number) => {
    one.timer = setTimeout(() => {
      delete one.timer;
      one.saying = true;
      say(run, one)
        .catch((error: unknown) => {
          log.warn({ run, problem: toProblem(error).data }, "how a workflow fares is not shown any more");
          leave(run);
        })
        .finally(() => {
          one.saying = false;
          if (one.revision > one.said && !one.over.signal.aborted) wait(run, one, durations.rewordEvery);
        });
    }, ms);
  };
  const say = async (run: string, one: Shown): Promise<void> => {
    const { over, asked } = one;
    let said = one.said;
    const wording = (state: Run) => {
      said = state.revision;
      return tasksSend(state);
    };
    const next = await sayNext({ bus, book, run, signal: over.signal }, { wording, asked });
    if (over.signal.aborted) return;
    if (next === "never") return leave(run);
    if (next !== "later") Object.assign(one, { said, asked: next.asked });
  };
  return {
    seen(run) {
      if (run.endedAt !== undefined || !mayShowTasks(run)) return leave(run.id);
      const known = shown.get(run.id);
      if (known === undefined) {
        const one = { revision: run.revision, said: 0, asked: 0, saying: false, over: new AbortController() };
        shown.set(run.id, one);
        return wait(run.id, one, durations.showOutputAfter);
      }
      known.revision = run.revision;
      if (known.timer === undefined && !known.saying && run.revision > known.said) wait(run.id, known, durations.rewordEvery);
    },
    forgotten: leave,
    stop() {
      for (const run of shown.keys()) leave(run);
    },
  };
}
