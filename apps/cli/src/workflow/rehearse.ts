import { datastoreGiven } from "../kv/given.ts";
import { note, UsageError, type ExitCode } from "../report.ts";
import { compiledIn } from "./files.ts";
import { readRehearsals, rehearsed, rehearseFile, type Outcome } from "./rehearsal.ts";

/** `bellhop workflow rehearse`: what would be called, and how it would end. 1 where that is not what the rehearsal expects. `brief`: a line for each. */
export async function workflowRehearse(
  path: string,
  options: { script?: string; kv?: string; json: boolean; brief?: boolean },
): Promise<ExitCode> {
  const outcomes = await outcomesOf(path, options);
  const ok = outcomes.every(({ differences }) => differences.length === 0);
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, rehearsals: outcomes })}\n`);
  else for (const outcome of outcomes) tell(outcome, options.brief === true);
  if (!ok && !options.json && isBare(path, options.script))
    note("Another course, or input, is told by --script FILE: input, results, expect.");
  return ok ? 0 : 1;
}

async function outcomesOf(path: string, { script, kv: file }: { script?: string; kv?: string }): Promise<readonly Outcome[]> {
  const kv = file === undefined ? undefined : datastoreGiven(file);
  if (isRehearsal(path)) {
    if (script !== undefined) throw new UsageError(`${path} is a rehearsal itself; name the workflow's file beside --script.`);
    return await rehearseFile(path, kv);
  }
  // Where every action succeeds, a workflow that fails is not what anybody expects.
  const bare = { name: "all succeed", expect: { status: "succeeded" } };
  const rehearsals = script === undefined ? [bare] : readRehearsals(script).rehearsals;
  const workflow = compiledIn(path);
  return rehearsals.map((one) => rehearsed(workflow, one, kv));
}

function isBare(path: string, script: string | undefined): boolean {
  return script === undefined && !isRehearsal(path);
}

function isRehearsal(path: string): boolean {
  return /\.rehearsal\.ya?ml$/.test(path);
}

/** Calls and the end of it, so that who writes a workflow sees what it does. */
function tell({ name, status, output, calls, errors, differences, missed }: Outcome, brief: boolean): void {
  const lines = [
    `${name}: ${status}`,
    ...calls.map(({ task, item, action, input, delay, status: ended }) => {
      const place = item === undefined ? task : `${task}#${item}`;
      const after = delay === undefined ? "" : ` after ${delay} s`;
      return `  ${place} ${action ?? "(nothing)"} ${JSON.stringify(input ?? {})}${after} ${ended ?? "not ended"}`;
    }),
    ...errors.map(({ message, task_id: task }) => `  error: ${task === undefined ? "" : `${task}: `}${message}`),
    `  output ${JSON.stringify(output)}`,
  ];
  process.stdout.write(brief ? `${differences.length === 0 ? "rehearsed" : "FAILED"} ${name}: ${status}\n` : `${lines.join("\n")}\n`);
  for (const word of [...differences, ...missed]) note(`${name}: ${word}`);
}
