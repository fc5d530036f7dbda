import { runId } from "@bellhop/contracts";
import type { Env } from "@bellhop/service";
import { askFor, type AskOptions, type Asking } from "../ask.ts";
import type { ExitCode } from "../report.ts";
import { nameRun } from "./name-run.ts";

/** `bellhop runs cancel ID`: stops a run, and waits until it is over. */
export async function runsCancel(id: string, options: Omit<AskOptions, "tail">, env: Env): Promise<ExitCode> {
  const { run, action } = await nameRun(id, env);
  return await askFor({ env, options: { ...options, tail: false }, action, ask: (asking) => ({ ...asking, kind: "cancel", run }) });
}

/** `bellhop runs rerun ID`: the same action with the same input, once more. The engine takes the input from the run's log as it lies there: secrets stay sealed, and
 *  nothing here sees them. So it can be done for as long as the log is kept. */
export async function runsRerun(id: string, options: AskOptions, env: Env): Promise<ExitCode> {
  const { run: of, action, shard } = await nameRun(id, env);
  const ask = (asking: Asking) => {
    // Born in the same shard: whoever serves that has the old run at hand.
    const run = runId({ key: asking.key, at: asking.askedAt, shard });
    return { ...asking, kind: "again" as const, run, of };
  };
  return await askFor({ env, options, action, ask });
}
