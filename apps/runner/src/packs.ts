import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { codeOf, problem, type ActionDefinition, type PackFiles, type PackVersion } from "@bellhop/contracts";
import { fetchFiles, fetchModules, fetchVersion, thisPlatform, type PackStore } from "@bellhop/pack-loader";

/** A pack version ready to be run: its definitions, and where its files lie. */
export interface ReadyPack {
  version: PackVersion;
  folder: string;
  actions: ReadonlyMap<string, ActionDefinition>;
}

export interface Packs {
  /** Fetches and unpacks what is not there yet. @throws Problem pack_unavailable or pack_foreign, with `retry` */
  ensure(digest: string): Promise<ReadyPack>;
  /** For how many milliseconds it could not be had; 0 when it was not tried, or is there. */
  missingFor(digest: string): number;
}

/** Pack versions by digest, under one folder that all runners of the machine may share. */
export function openPacks(store: PackStore, root: string): Packs {
  const ready = new Map<string, Promise<ReadyPack>>();
  const missingSince = new Map<string, number>();
  /** Dependencies that are being unpacked, by hash: several versions may share them. */
  const unpacking = new Map<string, Promise<void>>();
  return {
    ensure(digest) {
      const known = ready.get(digest);
      if (known) return known;
      const fetching = prepare(digest);
      ready.set(digest, fetching);
      // What failed is tried again by the next request for it.
      fetching.then(
        () => missingSince.delete(digest),
        () => {
          ready.delete(digest);
          if (!missingSince.has(digest)) missingSince.set(digest, performance.now());
        },
      );
      return fetching;
    },
    missingFor(digest) {
      const since = missingSince.get(digest);
      return since === undefined ? 0 : performance.now() - since;
    },
  };

  async function prepare(digest: string): Promise<ReadyPack> {
    if (!/^[A-Za-z0-9_-]+$/.test(digest)) throw new Error(`${digest} is no digest`);
    const folder = join(root, digest);
    const [version, files] = await Promise.all([fetchVersion(store, digest), existsSync(folder) ? undefined : fetchFiles(store, digest)]);
    if (version.digest !== digest) throw new Error(`the definitions stored as ${digest} say that they are ${version.digest}`);
    const { modules } = version;
    if (modules?.platform !== undefined && modules.platform !== thisPlatform()) {
      throw problem("pack_foreign", { pack: version.name, version: version.version, platform: modules.platform, own: thisPlatform() });
    }
    if (modules !== undefined) await ensureModules(modules.hash);
    if (files !== undefined) await unpack({ ...files, ...(modules === undefined ? {} : { modules: modules.hash }) }, folder);
    return { version, folder, actions: new Map(version.actions.map((action) => [action.ref, action])) };
  }

  async function ensureModules(hash: string): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error(`${hash} is no hash`);
    const folder = join(modulesRoot(root), hash);
    if (existsSync(folder)) return;
    const known = unpacking.get(hash);
    if (known) return await known;
    const working = fetchAndUnpack(hash, folder).finally(() => unpacking.delete(hash));
    unpacking.set(hash, working);
    await working;
  }

  async function fetchAndUnpack(hash: string, folder: string): Promise<void> {
    // Most runners never meet a pack with dependencies.
    const [{ unpackModules }, tar] = await Promise.all([import("./modules.ts"), fetchModules(store, hash)]);
    await unpackModules(tar, { hash, folder });
  }
}

/** Where the dependencies of packs are unpacked: a folder for each set. */
export function modulesRoot(root: string): string {
  return join(root, "modules");
}

/** Takes away what processes left that were killed while they unpacked. */
export async function removeDrafts(root: string): Promise<void> {
  if (!existsSync(root)) return;
  for (const name of await readdir(root)) {
    const pid = /\.(\d+)\.[0-9a-f]{8}\.new$/.exec(name)?.[1];
    if (pid !== undefined && !runs(Number(pid))) await rm(join(root, name), { recursive: true, force: true });
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Writes the files aside and moves them into place whole: who finds the folder finds all of it. Its dependencies lie beside it, where Node looks
 *  for them by a link. */
export async function unpack({ files, modules }: Pick<PackFiles, "files"> & { modules?: string }, folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}.${randomBytes(4).toString("hex")}.new`;
  try {
    await mkdir(draft, { recursive: true });
    for (const { path, executable, base64 } of files) {
      const clean = normalize(path);
      if (isAbsolute(clean) || clean === ".." || clean.startsWith(`..${sep}`))
        throw new Error(`the pack has a file outside of itself: ${path}`);
      await mkdir(dirname(join(draft, clean)), { recursive: true });
      await writeFile(join(draft, clean), Buffer.from(base64, "base64"), { mode: executable ? 0o755 : 0o644 });
    }
    const link = join(draft, "node_modules");
    // On Windows a link to a folder needs no rights as a junction does.
    if (modules !== undefined) await symlink(join("..", "modules", modules, "node_modules"), link, "junction");
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another runner of this machine was quicker with the same files.
    if (!existsSync(folder)) throw error;
  }
}
