import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { compileWorkflow, nearest, type Workflow } from "@bellhop/core";
import { describeProblem, loadPack } from "@bellhop/pack-loader";
import { readWorkflow, type ReadWorkflow } from "@bellhop/pack-loader/workflow";
import { readNamed } from "../named-file.ts";
import { shortPath } from "../pack/folders.ts";
import { UsageError } from "../report.ts";

/** A workflow's file, as it can be read. @throws NotThere, UsageError */
export function workflowIn(path: string, settings: { strict?: boolean } = {}): ReadWorkflow {
  const file = resolve(path);
  return readWorkflow(shortPath(file), readNamed(shortPath(file)), settings);
}

/** A workflow's file, compiled. @throws UsageError with all that is wrong with it */
export function compiledIn(path: string): Workflow {
  const { data, problems } = workflowIn(path);
  if (problems.length > 0) throw new UsageError(problems.map((problem) => describeProblem("", problem)).join("\n"));
  return compileWorkflow(data);
}

/** A workflow of the pack that a file lies in, by its name. @throws UsageError */
export async function workflowNamed(name: string, file: string): Promise<Workflow> {
  const home = packOf(file);
  if (home === undefined) throw new UsageError(`${shortPath(resolve(file))} lies in no pack; name the workflow's file instead of ${name}.`);
  const pack = await loadPack(home.folder, { modules: "own" });
  const { version } = pack.kind === "loaded" ? pack : (pack.rest ?? { version: undefined });
  const known = (version?.actions ?? []).filter(({ workflow }) => workflow !== undefined);
  const found = known.find((action) => action.name === name || action.ref === name);
  if (found !== undefined) return compileWorkflow(found.workflow);
  const told = pack.kind === "loaded" ? [] : pack.problems.map((problem) => describeProblem(shortPath(home.folder), problem));
  const near = nearest(
    name,
    known.map((action) => action.name),
  );
  throw new UsageError(
    [...told, `There is no workflow ${name} in ${shortPath(home.folder)}.${near === undefined ? "" : ` Did you mean ${near}?`}`].join("\n"),
  );
}

/** The pack that a file lies in, and the file's path in it. */
export function packOf(path: string): { readonly folder: string; readonly file: string } | undefined {
  const file = resolve(path);
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "pack.yaml"))) return { folder, file: relative(folder, file) };
    if (folder === dirname(folder)) return undefined;
  }
}

/** The files right in a folder that may be workflows. */
export function documentsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name))
    .toSorted();
}
