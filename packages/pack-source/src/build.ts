import { join } from "node:path";
import { loadPack, type FaultyPack, type LoadedPack } from "@bellhop/pack-loader";

/** A pack that can be stored and activated. */
export interface BuiltPack extends LoadedPack {
  /** What it depends on, as it travels. */
  readonly modules?: PackModules;
}

export interface PackModules {
  /** SHA-256 of the tar. */
  readonly hash: string;
  /** `linux-x64`, where it holds code for one platform only. */
  readonly platform?: string;
  /** The tar. */
  read(): Promise<Uint8Array>;
}

export interface BuildOptions {
  /** `.bellhop/cache`. */
  readonly cacheFolder: string;
  /** Packages whose install scripts may run. Default: none. */
  readonly scripts?: readonly string[];
  /** Hears what takes long. */
  readonly tell?: (text: string) => void;
}

/** A pack's folder with its dependencies, read and checked. Never throws for what is wrong with a pack. */
export async function buildPack(folder: string, { cacheFolder }: BuildOptions): Promise<BuiltPack | FaultyPack> {
  return await loadPack(folder, { cacheFolder: join(cacheFolder, "packs") });
}
