import type { Env } from "@bellhop/service";
import type { Command } from "commander";
import type { Done } from "../report.ts";

/** The commands of whoever writes workflows, on files: nothing need be running; and of whoever looks at what became of one. */
export function describeWorkflows(program: Command, env: Env, done: Done): void {
  const workflow = program.command("workflow").description("check, draw and rehearse workflows");
  workflow
    .command("check")
    .description("report every problem of a workflow, or of all workflows of a pack or a folder, with file:line:column")
    .argument("[FILE|DIR]", "a workflow's file, a pack, or a folder of packs or of workflows", ".")
    .option("--strict", "count words that StackStorm does not know as problems", false)
    .option("--json", "print one JSON object: ok, workflows, problems", false)
    .action(async (path: string, options: { strict: boolean; json: boolean }) =>
      done(await (await import("./check.ts")).workflowCheck(path, options)),
    );
  workflow
    .command("graph")
    .description("draw a workflow: its tasks, and what leads to what")
    .argument("<FILE>", "the workflow's file")
    .option("--mermaid", "as Mermaid, which pages in Markdown show as a drawing (default)", false)
    .option("--svg", "as SVG", false)
    .option("--json", "print one JSON object: ok, boxes, ways, or problems", false)
    .action(async (path: string, options: { mermaid: boolean; svg: boolean; json: boolean }) =>
      done((await import("./graph.ts")).workflowGraph(path, options)),
    );
  workflow
    .command("explain")
    .description("say of each task of a run why it ran, waits, or did not run")
    .argument("<RUN>", "its id, or the last six characters of it or more")
    .option("--mermaid", "draw the run instead, as Mermaid", false)
    .option("--svg", "draw the run instead, as SVG", false)
    .option("--json", "print one JSON object: run, action, status, tasks", false)
    .action(async (run: string, options: { mermaid: boolean; svg: boolean; json: boolean }) =>
      done(await (await import("./explain.ts")).workflowExplain(run, options, env)),
    );
  workflow
    .command("rehearse")
    .description("go through a workflow with results that a script gives; nothing runs")
    .argument("<FILE>", "the workflow's file, or a rehearsal that names it")
    .option("--script <FILE>", "the rehearsal: input, results, expect; without one, every action succeeds")
    .option("--kv <FILE>", "values of the datastore: of `kv export --decrypt`, or by name, as system.ops.room: slack:T1/C9")
    .option("--json", "print one JSON object: ok, rehearsals", false)
    .action(async (path: string, options: { script?: string; kv?: string; json: boolean }) =>
      done(await (await import("./rehearse.ts")).workflowRehearse(path, options)),
    );
}
