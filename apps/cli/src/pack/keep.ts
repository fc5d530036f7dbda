import { styleText } from "node:util";
import type { Bus } from "@bellhop/bus";
import { toProblem } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import {
  activatePack,
  deactivatePack,
  describeProblem,
  watchPacks,
  type FaultyPack,
  type LoadedPack,
  type PackProblem,
} from "@bellhop/pack-loader";
import { packFolders, shortPath } from "./folders.ts";

const lookMs = 2_000;

export interface PackKeeper {
  /** Packs that answer now, by name. */
  readonly active: ReadonlyMap<string, LoadedPack["version"]>;
  stop(): Promise<void>;
}

/** Reads the packs, makes them active and keeps doing so as they change: faults and reloads are told above the prompt. Resolves when each pack that is
 *  there was read once. */
export async function keepPacks(at: {
  bus: Bus;
  roots: readonly string[];
  cacheFolder: string;
  log: Log;
  tell: (text: string) => void;
  colour: boolean;
}): Promise<PackKeeper> {
  const { bus, roots, cacheFolder, log, tell, colour } = at;
  const active = new Map<string, LoadedPack["version"]>();
  const faulty = new Set<string>();
  const watched = new Map<string, { stop(): Promise<void> }>();
  let started = false;

  async function onLoaded(folder: string, { version, files, warnings }: LoadedPack): Promise<void> {
    const change = await activatePack(bus, { version, files });
    active.set(version.name, version);
    log.info({ pack: version.name, digest: version.digest, change }, "pack loaded");
    if (warnings.length > 0) tell(problemList(folder, warnings, "yellow"));
    if (started || faulty.delete(folder)) tell(`${version.name} ${version.version} reloaded: ${contents(version)}`);
  }

  function onFaulty(folder: string, { problems }: FaultyPack): void {
    faulty.add(folder);
    log.warn({ folder, problems }, "pack is faulty");
    tell(`${problemList(folder, problems, "red")}\n${shortPath(folder)} is not loaded${started ? "; what was loaded before stays" : ""}`);
  }

  async function onRemoved(folder: string, name: string): Promise<void> {
    await deactivatePack(bus, name);
    active.delete(name);
    log.info({ folder, pack: name }, "pack removed");
    tell(`${name} is gone`);
  }

  function onError(folder: string, error: unknown): void {
    const { message } = toProblem(error);
    log.error({ folder, why: message, stack: error instanceof Error ? error.stack : undefined }, "a pack can't be made active");
    tell(`${shortPath(folder)} can't be made active: ${message}`);
  }

  function problemList(folder: string, problems: readonly PackProblem[], format: "red" | "yellow"): string {
    const text = problems.map((problem) => describeProblem(shortPath(folder), problem)).join("\n");
    return colour ? styleText(format, text, { validateStream: false }) : text;
  }

  async function follow(folders: readonly string[]): Promise<void> {
    const fresh = folders.filter((folder) => !watched.has(folder));
    if (fresh.length === 0) return;
    const stop = Promise.withResolvers<{ stop(): Promise<void> }>();
    for (const folder of fresh) watched.set(folder, { stop: async () => (await stop.promise).stop() });
    stop.resolve(await watchPacks({ folders: fresh, cacheFolder, onLoaded, onFaulty, onRemoved, onError }));
  }

  await follow(roots.flatMap(packFolders));
  started = true;
  // A new folder is empty at first, so it is looked at until it is a pack; a watch on every folder beside the packs would cost more than this.
  const looking = setInterval(() => {
    follow(roots.flatMap(packFolders)).catch((error: unknown) => log.error({ why: String(error) }, "new packs can't be followed"));
  }, lookMs);
  return {
    active,
    async stop() {
      clearInterval(looking);
      await Promise.all([...watched.values()].map(async (one) => await one.stop()));
    },
  };
}

function contents({ actions, aliases }: LoadedPack["version"]): string {
  return `${count(actions.length, "action")}, ${count(aliases.length, "alias", "aliases")}`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
