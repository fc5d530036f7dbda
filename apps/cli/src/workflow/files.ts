import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { readWorkflow, type ReadWorkflow } from "@bellhop/pack-loader/workflow";
import { shortPath } from "../pack/folders.ts";
import { UsageError } from "../report.ts";

/** A workflow's file, as it can be read. @throws UsageError where there is no such file */
export function workflowIn(path: string, settings: { strict?: boolean } = {}): ReadWorkflow {
  const file = resolve(path);
  if (!existsSync(file)) throw new UsageError(`There is no file ${shortPath(file)}.`);
  if (statSync(file).isDirectory()) throw new UsageError(`${shortPath(file)} is a folder; name a workflow's file.`);
  return readWorkflow(shortPath(file), readFileSync(file, "utf8"), settings);
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
