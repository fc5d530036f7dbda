import { existsSync } from "node:fs";
import { styleText } from "node:util";
import type { Bus } from "@bellhop/bus";
import { toProblem } from "@bellhop/contracts";
import type { Log } from "@bellhop/service";
import {
  activeVersions,
  describeProblem,
  installedVersions,
  watchPacks,
  type FaultyPack,
  type LoadedPack,
  type PackProblem,
} from "@bellhop/pack-loader";
import { buildPack, type BuildOptions } from "@bellhop/pack-source/build";
import { packsIn, shortPath } from "./folders.ts";
import { followFolder, isWhole, leaveFolder } from "./follow.ts";
import { watchRoots } from "./roots.ts";

export interface PackKeeper {
  /** Packs that answer now, by name. */
  readonly active: ReadonlyMap<string, { name: string; version: string }>;
  stop(): Promise<void>;
}

/** Reads the packs, makes them active and keeps doing so as they change: faults and reloads are told above the prompt. Resolves when each pack that is
 *  there was read once, those apart whose dependencies are being installed. */
export async function keepPacks(at: {
  bus: Bus;
  roots: readonly string[];
  build: BuildOptions;
  log: Log;
  tell: (text: string) => void;
  colour: boolean;
}): Promise<PackKeeper> {
  const { bus, roots, build, log, tell, colour } = at;
  const active = new Map<string, { name: string; version: string }>();
  /** What the folders have, by the pack's name. */
  const digests = new Map<string, string>();
  const faulty = new Set<string>();
  const loaded = new Set<string>();
  const watched = new Map<string, { stop(): Promise<void> }>();
  let started = false;

  async function onLoaded(folder: string, pack: LoadedPack): Promise<void> {
    const { version, warnings } = pack;
    const { name, digest } = version;
    const followed = await followFolder(bus, { folder, pack, now: new Date() });
    digests.set(name, digest);
    active.set(name, followed.kind === "chosen" ? followed.active : version);
    log.info({ pack: name, digest, change: followed.kind }, "pack loaded");
    if (warnings.length > 0) tell(problemList(folder, warnings, "yellow"));
    if (followed.kind === "chosen") {
      const back = `\`bellhop pack activate ${name} ${digest.slice(0, 12)}\``;
      tell(`${name} ${followed.active.version} was chosen over ${shortPath(folder)}, which answers again once it changes, or by ${back}`);
    } else if (started || faulty.has(folder)) tell(`${name} ${version.version} reloaded: ${contents(version)}`);
    if (followed.kind === "activated" && followed.over !== undefined) {
      tell(
        `${shortPath(folder)} has changed: it answers in place of ${name} ${followed.over.version}, which was chosen before (\`bellhop pack activate ${name} previous\`)`,
      );
    }
    faulty.delete(folder);
    loaded.add(folder);
  }

  /** The last version that was whole goes on. Where there is none, what is good of this one answers. */
  async function onFaulty(folder: string, { problems, rest }: FaultyPack): Promise<LoadedPack | undefined> {
    faulty.add(folder);
    log.warn({ folder, problems }, "pack is faulty");
    const list = problemList(folder, problems, "red");
    if (rest === undefined || (await isWhole(bus, rest.version.name))) {
      tell(`${list}\n${shortPath(folder)} is not loaded${loaded.has(folder) ? "; what was loaded before stays" : ""}`);
      return undefined;
    }
    const { name, version, digest, without = [] } = rest.version;
    const followed = await followFolder(bus, { folder, pack: rest, now: new Date() });
    digests.set(name, digest);
    active.set(name, followed.kind === "chosen" ? followed.active : rest.version);
    tell(`${list}\n${name} ${version} is loaded without ${without.join(", ")}: ${contents(rest.version)}`);
    return rest;
  }

  async function onRemoved(folder: string, name: string): Promise<void> {
    loaded.delete(folder);
    const goesOn = await leaveFolder(bus, { name, digest: digests.get(name) });
    digests.delete(name);
    if (goesOn === undefined) active.delete(name);
    log.info({ folder, pack: name }, "pack removed");
    tell(
      goesOn === undefined
        ? `${name} is gone`
        : `${shortPath(folder)} is gone; ${name} ${goesOn.version}, which was chosen over it, goes on`,
    );
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

  async function watch(folder: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<{ stop(): Promise<void> }>();
    watched.set(folder, { stop: async () => await (await promise).stop() });
    const load = async (_: string, { takesLong, signal }: { takesLong: () => void; signal: AbortSignal }) => {
      const heard = (text: string) => {
        tell(text);
        takesLong();
      };
      return await buildPack(folder, { ...build, signal, tell: heard });
    };
    resolve(await watchPacks({ folders: [folder], load, onLoaded, onFaulty, onRemoved, onError }));
  }

  async function follow(): Promise<void> {
    await Promise.all(
      packsIn(roots)
        .filter((folder) => !watched.has(folder))
        .map(watch),
    );
  }

  /** Folders that went while nobody watched. Another machine may have them still, so what they had goes on until somebody says otherwise. */
  async function tellOfLost(): Promise<void> {
    const [answering, known] = await Promise.all([activeVersions(bus), installedVersions(bus)]);
    for (const { name, digest } of answering) {
      const { from, by } = known.find((one) => one.name === name && one.digest === digest) ?? {};
      if (from?.kind !== "folder" || by !== undefined || existsSync(from.spec)) continue;
      log.warn({ folder: from.spec, pack: name }, "pack goes on without its folder");
      tell(`${name} answers, though ${shortPath(from.spec)} is not here any more: \`bellhop pack remove ${name} --yes\` takes it away`);
    }
  }

  await follow();
  await tellOfLost();
  started = true;
  const looking = watchRoots(roots, () => {
    follow().catch((error: unknown) => log.error({ why: String(error) }, "new packs can't be followed"));
  });
  return {
    active,
    async stop() {
      looking.stop();
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
