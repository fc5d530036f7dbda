import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadPack, type FaultyPack, type InstalledModules, type LoadedPack, type LoadOptions } from "@bellhop/pack-loader";
import { installDependencies } from "./dependencies/index.ts";

/** A pack that can be stored and activated. */
export interface BuiltPack extends LoadedPack {
  /** What it depends on, as it travels. */
  readonly modules?: PackModules;
}

export interface PackModules extends InstalledModules {
  /** The tar, gzipped. */
  read(): Promise<Uint8Array>;
}

export interface BuildOptions {
  /** `.bellhop/cache`. */
  readonly cacheFolder: string;
  /** Where installed dependencies are kept, for several installations if need be. Default: `modules` in the folder above. */
  readonly modulesFolder?: string;
  /** Where the installation says what it wants otherwise than its packs: see {@link LoadOptions.overrides}. */
  readonly overrides?: string;
  /** What the pack is called in what is told. Default: its folder's name. */
  readonly name?: string;
  /** The folder whose .npmrc counts. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Packages whose install scripts may run. Default: none. */
  readonly scripts?: readonly string[];
  /** Hears what takes long. */
  readonly tell?: (text: string) => void;
  /** Ends what takes long. */
  readonly signal?: AbortSignal;
}

/** A pack's folder with its dependencies, read and checked. Never throws for what is wrong with a pack. */
export async function buildPack(folder: string, options: BuildOptions): Promise<BuiltPack | FaultyPack> {
  const { cacheFolder, modulesFolder = join(cacheFolder, "modules"), overrides, ...rest } = options;
  const load = (modules?: LoadOptions["modules"]) =>
    loadPack(folder, {
      cacheFolder: join(cacheFolder, "packs"),
      ...(overrides === undefined ? {} : { overrides }),
      ...(modules === undefined ? {} : { modules }),
    });
  // What is no pack shall not have anything fetched for it.
  if (!["pack.yaml", "pack.yml"].some((file) => existsSync(join(folder, file)))) return await load();
  const found = await installDependencies({ folder, modulesFolder, ...rest });
  switch (found.kind) {
    case "none":
      return await load();
    case "failed": {
      // What else is wrong is said at once.
      const pack = await load({ problems: found.problems });
      return pack.kind === "faulty" && found.temporary ? { ...pack, temporary: true } : pack;
    }
    case "installed": {
      const { warnings, kind: _, ...modules } = found;
      const pack = await load(modules);
      const whole = { ...pack, warnings: [...warnings, ...pack.warnings] };
      if (whole.kind === "loaded") return { ...whole, modules };
      return whole.rest === undefined ? whole : { ...whole, rest: { ...whole.rest, modules } };
    }
  }
}
