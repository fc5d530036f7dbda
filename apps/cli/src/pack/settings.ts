import { join, resolve } from "node:path";
import type { BuildOptions, SourceRules } from "@bellhop/pack-source";
import { loadConfig, type Env } from "@bellhop/service";
import { z } from "zod";

const Source = z
  .string()
  .regex(/^(?:npm|tarball|git|folder|exchange):./, "expected npm:, tarball:, git:, folder: or exchange: and a pattern, e.g. npm:@acme/*");

const Places = z.union([z.string(), z.array(z.string())], "expected an address, or a list of them").transform((given) => [given].flat());

/** What bellhop.yaml says about packs: a list of folders, or all there is to say. */
export const PacksFile = z.object({
  packs: z
    .preprocess(
      (given) => (Array.isArray(given) ? { folders: given } : given),
      z.strictObject(
        {
          folders: z.array(z.string()).default([]).describe("Folders that `up` watches: each a pack, or a folder of packs."),
          sources: z.array(Source).optional().describe("Where packs may be installed from: kind:pattern. Absent: anywhere."),
          requireSignature: z.boolean().default(false).describe("Install only what a registry signed."),
          index: Places.default([]).describe("Index files of StackStorm's Exchange: paths or URLs, the first that has a pack counts."),
          scripts: z.array(z.string()).default([]).describe("Packages whose install scripts may run when a pack depends on them."),
        },
        { error: (issue) => (issue.code === "invalid_type" ? "expected a list of folders, or folders, sources, index …" : undefined) },
      ),
    )
    .prefault({}),
});

export interface PackSettings extends SourceRules {
  readonly folders: readonly string[];
  readonly index: readonly string[];
  readonly scripts: readonly string[];
}

/** `packs:` of bellhop.yaml. BELLHOP_PACK_INDEX, with commas between several, wins over `packs.index`. @throws Problem config_invalid */
export function packSettings(file: Record<string, unknown>, env: Env): PackSettings {
  const { packs } = loadConfig({ schema: PacksFile, values: file, where: "bellhop.yaml" });
  const index = env.BELLHOP_PACK_INDEX?.split(",").filter((place) => place !== "") ?? packs.index;
  return {
    ...packs,
    folders: packs.folders.map((folder) => resolve(folder)),
    index: index.map((place) => (/^https?:/.test(place) ? place : resolve(place))),
    ...(packs.sources === undefined ? {} : { sources: packs.sources.map(absolute) }),
  };
}

/** How packs are built here. Several installations of one machine may share what was installed: BELLHOP_MODULES_CACHE. */
export function buildOptions({ folder, file, env }: { folder: string; file: Record<string, unknown>; env: Env }): BuildOptions {
  const modulesFolder = env.BELLHOP_MODULES_CACHE;
  return {
    cacheFolder: join(folder, "cache"),
    cwd: process.cwd(),
    overrides: resolve("overrides"),
    env,
    scripts: packSettings(file, env).scripts,
    ...(modulesFolder === undefined ? {} : { modulesFolder: resolve(modulesFolder) }),
  };
}

/** `folder:./packs/*` is meant from where bellhop.yaml lies. */
function absolute(rule: string): string {
  return rule.replace(/^(folder|tarball):(\.\.?(?:\/.*)?)$/, (_, kind: string, path: string) => `${kind}:${resolve(path)}`);
}
