import type { Bus } from "@bellhop/bus";
import { problem, type Run } from "@bellhop/contracts";
import { compileWorkflow, explainWorkflow, stateOf, type Explained, type Workflow, type WorkflowState } from "@bellhop/core";
import { drawingOf, mermaid, svg } from "@bellhop/core/draw";
import { readLog } from "@bellhop/engine";
import { fetchVersion } from "@bellhop/pack-loader";
import type { Env } from "@bellhop/service";
import { visible } from "../dead/visible.ts";
import { UsageError, type ExitCode } from "../report.ts";
import { nameRun } from "../runs/name-run.ts";
import { withBus } from "../with-bus.ts";

/** `bellhop workflow explain RUN`: of each task why it ran, waits, or did not run; or the workflow drawn with what became of them. The definition is that of the packs that
 *  the run has. @throws Problem run_unremembered, run_unknown */
export async function workflowExplain(id: string, options: { mermaid: boolean; svg: boolean; json: boolean }, env: Env): Promise<ExitCode> {
  if ([options.mermaid, options.svg, options.json].filter(Boolean).length > 1)
    throw new UsageError("Choose one of --mermaid, --svg and --json.");
  const { run: wanted } = await nameRun(id, env);
  return withBus<ExitCode>(env, "bellhop workflow explain", async (bus) => {
    const { run, workflow, state } = await workflowRun(bus, wanted);
    const tasks = explainWorkflow(workflow, state);
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ run: run.id, action: run.action, status: run.status, tasks })}\n`);
      return 0;
    }
    if (options.mermaid || options.svg) {
      const drawing = drawingOf(workflow, Object.fromEntries(tasks.map(({ task, status }) => [task, status])));
      process.stdout.write(options.svg ? svg(drawing, `${run.action} ${run.id}`) : mermaid(drawing));
      return 0;
    }
    process.stdout.write(`${[`${run.action}  ${run.status}  ${run.id}`, ...tasks.flatMap(linesOf)].map(visible).join("\n")}\n`);
    return 0;
  });
}

function linesOf({ task, status, why }: Explained): string[] {
  return [`  ${task}  ${status}`, ...why.map((reason) => `    ${reason}`)];
}

/** A run of a workflow, as its log has it now. */
async function workflowRun(bus: Bus, id: string): Promise<{ run: Run; workflow: Workflow; state: WorkflowState }> {
  const run = (await readLog(bus, id))?.run;
  if (run === undefined) throw problem("run_unknown", { run: id });
  const { workflow } = run;
  const state = workflow && stateOf(workflow);
  if (workflow === undefined || state === undefined)
    throw new UsageError(`Run ${id} of ${run.action} is no workflow: \`bellhop runs show ${id}\`.`);
  const ref = workflow.task.action;
  const digest = workflow.catalog[ref.split(".", 1)[0] ?? ""] ?? "";
  const definition = (await fetchVersion(bus, digest)).actions.find((action) => action.ref === ref);
  if (definition?.workflow === undefined) throw new UsageError(`The pack that run ${id} began with has no workflow ${ref} any more.`);
  return { run, workflow: compileWorkflow(definition.workflow), state };
}
