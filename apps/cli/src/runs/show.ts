import { connectBus } from "@bellhop/bus";
import { masked, problem, type ObjectRef } from "@bellhop/contracts";
import type { PastRunInFull } from "@bellhop/history";
import { commonConfig, silentLog, type Env } from "@bellhop/service";
import { hasColour, type ExitCode } from "../report.ts";
import { runningIn } from "../up-lock.ts";
import { asText, runText } from "./look.ts";
import { withHistory } from "./open-history.ts";
import { mayWait, waitingHere } from "./waiting-here.ts";

/** `bellhop runs show ID`: everything about one run; with `output`, what it gave and nothing else. */
export async function runsShow(id: string, options: { json: boolean; output: boolean }, env: Env): Promise<ExitCode> {
  const { run, children } = await findWithChildren(id, env);
  const { stdout } = process;
  if (options.output) stdout.write(`${asText((await outputOf(run, env)) ?? "")}\n`);
  else {
    const waits = mayWait(run.status) ? (await waitingHere(env)).get(run.id) : undefined;
    const text = () => runText(run, { colour: hasColour(stdout) }, { children, waits });
    stdout.write(`${options.json ? JSON.stringify({ ...run, ...(waits === undefined ? {} : { waits }) }) : text()}\n`);
  }
  return 0;
}

/** @throws Problem run_unknown, run_ambiguous */
export async function findRun(id: string, env: Env): Promise<PastRunInFull> {
  const run = await withHistory(env, (history) => history.show(id));
  if (run === undefined) throw problem("run_unremembered", { run: id });
  return run;
}

/** A run, and those that are part of it, so many at most. */
async function findWithChildren(id: string, env: Env): Promise<{ run: PastRunInFull; children: Map<string, PastRunInFull> }> {
  const found = await withHistory(env, async (history) => {
    const run = await history.show(id);
    if (run === undefined) return undefined;
    const children = new Map<string, PastRunInFull>();
    for (const child of childrenIn(run.steps)) await add(child);
    return { run, children };

    async function add(child: string): Promise<void> {
      if (children.size >= childrenAtMost || children.has(child)) return;
      const found = await history.show(child);
      if (found === undefined) return;
      children.set(child, found);
      for (const inner of childrenIn(found.steps)) await add(inner);
    }
  });
  if (found === undefined) throw problem("run_unremembered", { run: id });
  return found;
}

const childrenAtMost = 100;

function childrenIn(steps: PastRunInFull["steps"]): string[] {
  return steps.flatMap(({ tasks = [] }) => tasks.flatMap(({ run }) => (run === undefined ? [] : [run])));
}

async function outputOf({ output, outputRef }: PastRunInFull, env: Env): Promise<unknown> {
  return outputRef === undefined ? output : await fetchOutput(outputRef, env);
}

async function fetchOutput(ref: ObjectRef, env: Env): Promise<unknown> {
  const { nats, durations, folder } = commonConfig(env, "cli");
  if (env.NATS_URL === undefined && (await runningIn(folder)) === undefined) throw problem("not_running", { folder });
  const bus = await connectBus({ ...nats, name: "bellhop runs show", role: "cli", durations, log: silentLog });
  try {
    return masked(await bus.loadValue({ ref }));
  } finally {
    await bus.drain();
  }
}
