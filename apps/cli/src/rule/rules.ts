import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { compileRule, type CompiledRule, nearest } from "@bellhop/core";
import { describeProblem, loadPack } from "@bellhop/pack-loader";
import { commonConfig, type Env } from "@bellhop/service";
import { packFolders, packRoots, packsIn, shortPath } from "../pack/folders.ts";
import { note, UsageError } from "../report.ts";

/** The rules of all packs in a folder, or of those that `up` watches. What is wrong with a pack is told; rules that are not will do. */
export async function rulesOf(folder: string | undefined, env: Env): Promise<CompiledRule[]> {
  const folders = folder === undefined ? packsIn(packRoots(commonConfig(env, "cli").file, env)) : packFolders(resolve(folder));
  const rules = await Promise.all(folders.map(rulesIn));
  return rules.flat();
}

/** One rule: by its file, or by its name among the packs that `up` watches. @throws UsageError */
export async function findRule(name: string, env: Env): Promise<CompiledRule> {
  const isFile = existsSync(name);
  const folder = dirname(dirname(resolve(name)));
  const rules = isFile ? await rulesIn(folder) : await rulesOf(undefined, env);
  const path = relative(folder, resolve(name));
  const found = rules.find(({ definition }) => (isFile ? definition.source.file === path : definition.ref === name));
  if (found !== undefined) return found;
  if (isFile) throw new UsageError(`${name} holds no rule that can be loaded: rules are in PACK/rules/.`);
  const near = nearest(
    name,
    rules.map(({ definition }) => definition.ref),
  );
  throw new UsageError(`There is no rule ${name}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
}

async function rulesIn(folder: string): Promise<CompiledRule[]> {
  const pack = await loadPack(folder, { modules: "own" });
  if (pack.kind === "loaded") return (pack.version.rules ?? []).map(compileRule);
  for (const problem of pack.problems) note(describeProblem(shortPath(folder), problem));
  return (pack.rest?.version.rules ?? []).map(compileRule);
}
