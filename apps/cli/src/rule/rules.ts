import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { PackVersion } from "@bellhop/contracts";
import { compileRule, type CompiledRule } from "@bellhop/core";
import { describeProblem, loadPack } from "@bellhop/pack-loader";
import { commonConfig, type Env } from "@bellhop/service";
import { packFolders, packRoots, packsIn, shortPath } from "../pack/folders.ts";
import { notThere } from "../not-there.ts";
import { note, UsageError } from "../report.ts";
import type { ConfigSchemas } from "./configs.ts";

/** Rules, and what their packs can be configured with. */
export interface Rules {
  readonly rules: readonly CompiledRule[];
  readonly schemas: ConfigSchemas;
}

/** The rules of all packs in a folder, or of those that `up` watches. What is wrong with a pack is told; rules that are not will do. */
export async function rulesOf(folder: string | undefined, env: Env): Promise<Rules> {
  const folders = folder === undefined ? packsIn(packRoots(commonConfig(env, "cli").file, env)) : packFolders(resolve(folder));
  return rulesAmong(await Promise.all(folders.map(versionIn)));
}

/** The rules of packs. */
export function rulesAmong(packs: readonly Pick<PackVersion, "name" | "rules" | "config">[]): Rules {
  return {
    rules: packs.flatMap(({ rules = [] }) => rules.map(compileRule)),
    schemas: new Map(packs.flatMap(({ name, config }) => (config === undefined ? [] : [[name, config]]))),
  };
}

/** One rule: by its file, or by its name among others, those of the packs that `up` watches where none are given. @throws NotThere, UsageError */
export async function findRule(
  name: string,
  env: Env,
  others: () => Promise<Rules> = () => rulesOf(undefined, env),
): Promise<{ rule: CompiledRule; schemas: ConfigSchemas }> {
  const isFile = existsSync(name);
  const folder = dirname(dirname(resolve(name)));
  const { rules, schemas } = isFile ? rulesAmong([await versionIn(folder)]) : await others();
  const path = relative(folder, resolve(name));
  const found = rules.find(({ definition }) => (isFile ? definition.source.file === path : definition.ref === name));
  if (found !== undefined) return { rule: found, schemas };
  if (isFile) throw new UsageError(`${name} holds no rule that can be loaded: rules are in PACK/rules/.`);
  throw notThere({ kind: "rule", name, known: rules.map(({ definition }) => definition.ref), listedBy: "rule list" });
}

async function versionIn(folder: string): Promise<Pick<PackVersion, "name" | "rules" | "config">> {
  const pack = await loadPack(folder, { modules: "own" });
  if (pack.kind === "loaded") return pack.version;
  for (const problem of pack.problems) note(describeProblem(shortPath(folder), problem));
  return pack.rest?.version ?? { name: "" };
}
