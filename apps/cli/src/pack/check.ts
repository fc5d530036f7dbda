import { join, resolve } from "node:path";
import { describeProblem, loadPack, type PackProblem } from "@bellhop/pack-loader";
import { note, type ExitCode } from "../report.ts";
import { packFolders, shortPath } from "./folders.ts";

/** `bellhop pack check DIR`: every problem of the pack, or of each pack in the folder. 1 if there is one. */
export async function packCheck(folder: string, options: { json: boolean }): Promise<ExitCode> {
  const found: ({ folder: string } & PackProblem & { level: "error" | "warning" })[] = [];
  const good: string[] = [];
  for (const pack of packFolders(resolve(folder))) {
    const loaded = await loadPack(pack);
    const place = (level: "error" | "warning") => (problem: PackProblem) => found.push({ folder: shortPath(pack), level, ...problem });
    if (loaded.kind === "faulty") loaded.problems.forEach(place("error"));
    else {
      loaded.warnings.forEach(place("warning"));
      good.push(`${loaded.version.name} ${loaded.version.version}`);
    }
  }
  const ok = found.every(({ level }) => level === "warning");
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ ok, packs: good, problems: found.map((one) => ({ ...one, folder: undefined, file: join(one.folder, one.file) })) })}\n`,
    );
    return ok ? 0 : 1;
  }
  // The problems are the result here, so they go where results go.
  for (const { level, ...problem } of found) {
    process.stdout.write(`${level === "warning" ? "warning: " : ""}${describeProblem(problem.folder, problem)}\n`);
  }
  for (const pack of good) note(`${pack}: ${found.length === 0 ? "nothing to complain about" : "can be loaded"}`);
  return ok ? 0 : 1;
}
