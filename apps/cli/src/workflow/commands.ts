import type { Command } from "commander";
import type { Done } from "../report.ts";

/** The commands of whoever writes workflows, on files: nothing need be running. */
export function describeWorkflows(program: Command, done: Done): void {
  const workflow = program.command("workflow").description("check and draw workflows");
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
}
