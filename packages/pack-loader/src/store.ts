import {
  buckets,
  objectStores,
  PackFiles,
  PackVersion,
  problem,
  token,
  type ActivePack,
  type BucketDeclaration,
  type Problem,
} from "@bellhop/contracts";

/** What packs need of the bus: the objects, and the bucket that says which version answers. A `Bus` of `@bellhop/bus` fits. */
export interface PackStore {
  bucket<Value>(declaration: BucketDeclaration<Value>): {
    get(key: string): Promise<{ value: Value; revision: number } | undefined>;
    create(key: string, value: Value): Promise<number | undefined>;
    update(key: string, value: Value, revision: number): Promise<number | undefined>;
    delete(key: string, revision?: number): Promise<unknown>;
  };
  objects(name: "packs"): {
    put(name: string, bytes: Uint8Array): Promise<unknown>;
    get(name: string): Promise<Uint8Array | undefined>;
    has(name: string): Promise<boolean>;
  };
}

/** Stores a pack version and makes it the one that answers, in this order, so that no one sees a digest that can't be fetched. */
export async function activatePack(store: PackStore, pack: { version: PackVersion; files: PackFiles }): Promise<"activated" | "unchanged"> {
  const { version, files } = pack;
  const objects = store.objects(objectStores.packs);
  for (const [name, content] of [
    [`${version.digest}.definitions`, version],
    [`${version.digest}.files`, files],
  ] as const) {
    // Also where it is there already: from now on somebody refers to it.
    await objects.put(name, new TextEncoder().encode(JSON.stringify(content)));
  }
  const bucket = store.bucket(buckets.catalog);
  const wanted: ActivePack = { v: 1, name: version.name, version: version.version, digest: version.digest };
  for (;;) {
    const current = await bucket.get(keyOf(version.name));
    if (current?.value.digest === wanted.digest) return "unchanged";
    const done =
      current === undefined
        ? await bucket.create(keyOf(version.name), wanted)
        : await bucket.update(keyOf(version.name), wanted, current.revision);
    // Somebody else was first: look at what stands there now.
    if (done !== undefined) return "activated";
  }
}

/** Takes a pack out of the catalog. Its versions stay stored: runs that began with them go on. */
export async function deactivatePack(store: PackStore, name: string): Promise<void> {
  const bucket = store.bucket(buckets.catalog);
  if ((await bucket.get(keyOf(name))) !== undefined) await bucket.delete(keyOf(name));
}

/** The definitions of a version, or a Problem `pack_unavailable`. */
export async function fetchVersion(store: PackStore, digest: string): Promise<PackVersion> {
  return PackVersion.parse(await fetchObject(store, digest, "definitions"));
}

/** The files of a version, or a Problem `pack_unavailable`. */
export async function fetchFiles(store: PackStore, digest: string): Promise<PackFiles> {
  return PackFiles.parse(await fetchObject(store, digest, "files"));
}

async function fetchObject(store: PackStore, digest: string, part: "definitions" | "files"): Promise<unknown> {
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

function keyOf(pack: string): string {
  return `active.${token(pack)}`;
}
