import { resolve } from "node:path";
import { compileWorkflow } from "@bellhop/core";
import { drawingOf, mermaid, mostParts, svg } from "@bellhop/core/draw";
import { describeProblem } from "@bellhop/pack-loader";
import { shortPath } from "../pack/folders.ts";
import { note, UsageError, type ExitCode } from "../report.ts";
import { workflowIn } from "./files.ts";

/** `bellhop workflow graph`: the drawing on standard output; of a faulty workflow what is wrong with it, and 1. */
export function workflowGraph(path: string, options: { mermaid: boolean; svg: boolean; json: boolean }): ExitCode {
  if ([options.mermaid, options.svg, options.json].filter(Boolean).length > 1)
    throw new UsageError("Choose one of --mermaid, --svg and --json.");
  const { data, problems } = workflowIn(path);
  if (problems.length > 0) {
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: false, problems })}\n`);
    else for (const problem of problems) note(describeProblem("", problem));
    return 1;
  }
  const drawing = drawingOf(compileWorkflow(data));
  const parts = drawing.boxes.length + drawing.ways.length;
  if (options.svg && parts > mostParts) {
    throw new UsageError(`It has ${parts} boxes and lines, and ${mostParts} can be drawn as SVG; --mermaid has no bound.`);
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ok: true, ...drawing })}\n`
      : options.svg
        ? svg(drawing, shortPath(resolve(path)))
        : mermaid(drawing),
  );
  return 0;
}
