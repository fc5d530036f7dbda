import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { describeProblem, loadPack, type PackProblem } from "@bellhop/pack-loader";
import { isPack, packFolders, shortPath } from "../pack/folders.ts";
import { NotThere, note, UsageError, type ExitCode } from "../report.ts";
import { documentsIn, packOf, workflowIn } from "./files.ts";

interface Looked {
  /** Files, as the person at the terminal would name them. */
  readonly workflows: readonly string[];
  readonly problems: readonly PackProblem[];
}

/** `bellhop workflow check`: every problem of the workflows there. 1 if there is one. */
export async function workflowCheck(path: string, options: { strict: boolean; json: boolean }): Promise<ExitCode> {
  const looked = await look(resolve(path), options);
  const workflows = looked.flatMap((one) => one.workflows);
  const problems = looked.flatMap((one) => one.problems);
  if (workflows.length === 0) throw new UsageError(`There is no workflow in ${shortPath(resolve(path))}. ${whatToName}`);
  const ok = problems.length === 0;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ok, workflows, problems })}\n`);
    return ok ? 0 : 1;
  }
  for (const problem of problems) process.stdout.write(`${describeProblem("", problem)}\n`);
  const faulty = new Set(problems.map(({ file }) => file));
  for (const file of workflows) if (!faulty.has(file)) note(`${file}: nothing to complain about`);
  return ok ? 0 : 1;
}

const whatToName = "Name a workflow's file, the folder of a pack, or a folder of either.";

async function look(path: string, options: { strict: boolean }): Promise<readonly Looked[]> {
  if (!existsSync(path)) throw new NotThere(`There is no ${shortPath(path)}.`, { hint: whatToName });
  if (!statSync(path).isDirectory()) return [await lookAtFile(path, options)];
  const packs = packFolders(path).filter(isPack);
  if (packs.length > 0) return await Promise.all(packs.map((pack) => lookAtPack(pack, options)));
  return await Promise.all(documentsIn(path).map((file) => lookAtFile(file, options)));
}

/** Where its pack runs it, what it calls there is looked at as well. */
async function lookAtFile(path: string, options: { strict: boolean }): Promise<Looked> {
  const { problems } = workflowIn(path, options);
  const pack = packOf(path);
  const name = shortPath(path);
  if (problems.length > 0 || pack === undefined) return { workflows: [name], problems };
  const inPack = await lookAtPack(pack.folder, options);
  return { workflows: [name], problems: inPack.problems.filter(({ file }) => file === name) };
}

/** What is wrong with a pack's workflows; the rest of it is for `pack check`. */
async function lookAtPack(folder: string, options: { strict: boolean }): Promise<Looked> {
  const pack = await loadPack(folder, { modules: "own" });
  const { version } = pack.kind === "loaded" ? pack : (pack.rest ?? { version: undefined });
  const named = (file: string) => shortPath(join(folder, file));
  const good = (version?.actions ?? []).flatMap(({ workflow, entryPoint }) => (workflow === undefined ? [] : (entryPoint ?? [])));
  const told = (pack.kind === "loaded" ? [] : pack.problems)
    .filter(({ file }) => isOfWorkflow(file))
    .map((one) => ({ ...one, file: named(one.file) }));
  const strict = options.strict ? good.flatMap((file) => workflowIn(join(folder, file), options).problems) : [];
  return { workflows: [...new Set([...good.map(named), ...told.map(({ file }) => file)])].toSorted(), problems: [...told, ...strict] };
}

/** Actions themselves lie right in `actions`. */
function isOfWorkflow(file: string): boolean {
  return /^(actions\/.+\/.+\.ya?ml|workflows\/.+)$/.test(file);
}
