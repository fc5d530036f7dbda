import {
  buckets,
  objectStores,
  PackFiles,
  PackVersion,
  problem,
  token,
  type ActivePack,
  type BucketDeclaration,
  type InstalledVersion,
  type Problem,
} from "@bellhop/contracts";

/** What packs need of the bus: the objects, and the buckets that say which versions there are and which one answers. A `Bus` of `@bellhop/bus` fits. */
export interface PackStore {
  bucket<Value>(declaration: BucketDeclaration<Value>): {
    get(key: string): Promise<{ value: Value; revision: number } | undefined>;
    create(key: string, value: Value): Promise<number | undefined>;
    update(key: string, value: Value, revision: number): Promise<number | undefined>;
    put(key: string, value: Value): Promise<number>;
    delete(key: string, revision?: number): Promise<boolean>;
    entries(filter?: string): Promise<{ key: string; value: Value; revision: number }[]>;
  };
  objects(name: "packs"): {
    put(name: string, bytes: Uint8Array): Promise<unknown>;
    get(name: string): Promise<Uint8Array | undefined>;
    has(name: string): Promise<boolean>;
  };
}

/** A version with all that travels. */
interface StorablePack {
  readonly version: PackVersion;
  readonly files: PackFiles;
  /** What it depends on, as one tar. */
  readonly modules?: { readonly hash: string; read(): Promise<Uint8Array> };
}

/** Stores a pack version and makes it the one that answers, in this order, so that no one sees a digest that can't be fetched. */
export async function activatePack(store: PackStore, pack: StorablePack): Promise<"activated" | "unchanged"> {
  await storePack(store, pack);
  return (await activateVersion(store, pack.version)).kind;
}

/** Stores all that a version is, what others need first. */
export async function storePack(store: PackStore, { version, files, modules }: StorablePack): Promise<void> {
  const objects = store.objects(objectStores.packs);
  // Also where it is there already: from now on somebody refers to it.
  if (modules !== undefined) await objects.put(modulesName(modules.hash), await modules.read());
  for (const [name, content] of [
    [`${version.digest}.definitions`, version],
    [`${version.digest}.files`, files],
  ] as const) {
    await objects.put(name, new TextEncoder().encode(JSON.stringify(content)));
  }
}

/** Puts on record that a stored version can be activated, and where it came from. */
export async function recordVersion(store: PackStore, installed: InstalledVersion): Promise<void> {
  await store.bucket(buckets.version).put(versionKey(installed), installed);
}

/** What can be activated, of one pack or of all; the newest first. */
export async function installedVersions(store: PackStore, pack?: string): Promise<InstalledVersion[]> {
  const entries = await store.bucket(buckets.version).entries(pack === undefined ? undefined : `${token(pack)}.*`);
  return entries.map(({ value }) => value).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/** Takes a version off the record. What it consists of goes once nothing names it any more. */
export async function forgetVersion(store: PackStore, version: Pick<InstalledVersion, "name" | "digest">): Promise<void> {
  await store.bucket(buckets.version).delete(versionKey(version));
}

type Activation = { kind: "activated"; before?: ActivePack } | { kind: "unchanged"; before: ActivePack };

/** Which version is to answer, having seen the one that does; undefined: leave it as it is. */
export type Choose = (current: ActivePack | undefined) => { folder?: string } | undefined;

/** Makes a stored version the one that answers. Whoever is first wins; the other looks at what stands there then.
 *  @param choose decides again each time it looks. Default: yes, whatever stands there */
export async function activateVersion(
  store: PackStore,
  version: Pick<ActivePack, "name" | "version" | "digest">,
  choose: Choose = (current) => (current?.folder === undefined ? {} : { folder: current.folder }),
): Promise<Activation> {
  const bucket = store.bucket(buckets.catalog);
  const key = activeKey(version.name);
  for (;;) {
    const current = await bucket.get(key);
    const chosen = choose(current?.value);
    if (current !== undefined && (chosen === undefined || isSame(current.value, { digest: version.digest, folder: chosen.folder })))
      return { kind: "unchanged", before: current.value };
    if (chosen === undefined) throw new Error(`${version.name} has no version that could stay`);
    const { name, digest } = version;
    const previous = current?.value.digest === digest ? current.value.previous : current?.value.digest;
    const wanted: ActivePack = {
      v: 1,
      name,
      version: version.version,
      digest,
      ...(previous === undefined ? {} : { previous }),
      ...(chosen.folder === undefined ? {} : { folder: chosen.folder }),
    };
    const done = current === undefined ? await bucket.create(key, wanted) : await bucket.update(key, wanted, current.revision);
    if (done === undefined) continue;
    if (current?.value.digest === digest) return { kind: "unchanged", before: current.value };
    return { kind: "activated", ...(current === undefined ? {} : { before: current.value }) };
  }
}

function isSame(a: ActivePack, b: Pick<ActivePack, "digest" | "folder">): boolean {
  return a.digest === b.digest && a.folder === b.folder;
}

/** The version that answers. */
export async function activeVersion(store: PackStore, pack: string): Promise<ActivePack | undefined> {
  return (await store.bucket(buckets.catalog).get(activeKey(pack)))?.value;
}

/** What answers, of all packs, by name. */
export async function activeVersions(store: PackStore): Promise<ActivePack[]> {
  const entries = await store.bucket(buckets.catalog).entries("active.>");
  return entries.map(({ value }) => value).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Takes a pack out of the catalog. Its versions stay stored: runs that began with them go on. */
export async function deactivatePack(store: PackStore, name: string): Promise<void> {
  const bucket = store.bucket(buckets.catalog);
  if ((await bucket.get(activeKey(name))) !== undefined) await bucket.delete(activeKey(name));
}

/** The definitions of a version, or a Problem `pack_unavailable`. */
export async function fetchVersion(store: Pick<PackStore, "objects">, digest: string): Promise<PackVersion> {
  return PackVersion.parse(await fetchJson(store, digest, "definitions"));
}

/** The files of a version, or a Problem `pack_unavailable`. */
export async function fetchFiles(store: PackStore, digest: string): Promise<PackFiles> {
  return PackFiles.parse(await fetchJson(store, digest, "files"));
}

/** Whether all that a version is can be fetched. */
export async function isStored(store: PackStore, digest: string): Promise<boolean> {
  const objects = store.objects(objectStores.packs);
  const there = await Promise.all(["definitions", "files"].map((part) => objects.has(`${digest}.${part}`)));
  if (there.includes(false)) return false;
  const { modules } = await fetchVersion(store, digest);
  return modules === undefined || (await objects.has(modulesName(modules.hash)));
}

/** The gzipped tar of a version's dependencies, or a Problem `pack_unavailable`. */
export async function fetchModules(store: PackStore, hash: string): Promise<Uint8Array> {
  const bytes = await store.objects(objectStores.packs).get(modulesName(hash));
  if (bytes === undefined) throw unavailable(hash);
  return bytes;
}

async function fetchJson(store: Pick<PackStore, "objects">, digest: string, part: "definitions" | "files"): Promise<unknown> {
  const bytes = await store.objects(objectStores.packs).get(`${digest}.${part}`);
  if (bytes === undefined) throw unavailable(digest);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw unavailable(digest, error);
  }
}

function unavailable(digest: string, cause?: unknown): Problem {
  return problem("pack_unavailable", { digest: digest.slice(0, 12), pack: "a pack" }, { cause });
}

function modulesName(hash: string): string {
  return `${hash}.modules`;
}

function activeKey(pack: string): string {
  return `active.${token(pack)}`;
}

function versionKey({ name, digest }: Pick<InstalledVersion, "name" | "digest">): string {
  return `${token(name)}.${digest}`;
}
