import { runId } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { askFor, type AskOptions, type Asking } from "../ask.ts";
import type { ExitCode } from "../report.ts";
import { nameRun } from "./name-run.ts";

export interface AgainOptions {
  /** Names of tasks. */
  tasks?: string[];
  failed: boolean;
  reset: boolean;
}

/** `bellhop runs cancel ID`: stops a run, and waits until it is over. */
export async function runsCancel(id: string, options: Omit<AskOptions, "tail">, env: Env): Promise<ExitCode> {
  const { run, action } = await nameRun(id, env);
  return await askFor({ env, options: { ...options, tail: false }, action, ask: (asking) => ({ ...asking, kind: "cancel", run }) });
}

/** `bellhop runs pause ID`: a workflow begins nothing more, until `bellhop runs resume ID`. */
export async function runsPause(id: string, options: Omit<AskOptions, "tail"> & { resume: boolean }, env: Env): Promise<ExitCode> {
  const { run, action } = await nameRun(id, env);
  const kind = options.resume ? "resume" : "pause";
  return await askFor({ env, options: { ...options, tail: false }, action, ask: (asking) => ({ ...asking, v: 2, kind, run }) });
}

/** `bellhop runs rerun ID`: the same action with the same input, once more; of a workflow, with `failed` or `tasks`, from there on, and what went well stands. The engine takes the input from the run's log as it lies there: secrets stay sealed, and
 *  nothing here sees them. So it can be done for as long as the log is kept. */
export async function runsRerun(id: string, options: AskOptions & AgainOptions, env: Env): Promise<ExitCode> {
  const { run: of, action, shard } = await nameRun(id, env);
  const { tasks = options.failed ? [] : undefined, reset } = options;
  const from = tasks === undefined ? {} : { v: 2 as const, tasks, ...(reset ? { reset: tasks } : {}) };
  const ask = (asking: Asking) => {
    // Born in the same shard: whoever serves that has the old run at hand.
    const run = runId({ key: asking.key, at: asking.askedAt, shard });
    return { ...asking, kind: "again" as const, run, of, ...from };
  };
  return await askFor({ env, options, action, ask });
}
