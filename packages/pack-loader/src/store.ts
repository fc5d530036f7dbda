import type { BucketDeclaration, PackFiles, PackVersion } from "@bellhop/contracts";

/** What packs need of the bus: the objects, and the bucket that says which version answers. A `Bus` of `@bellhop/bus` fits. */
export interface PackStore {
  bucket<Value>(declaration: BucketDeclaration<Value>): {
    get(key: string): Promise<{ value: Value; revision: number } | undefined>;
    create(key: string, value: Value): Promise<number | undefined>;
    update(key: string, value: Value, revision: number): Promise<number | undefined>;
    delete(key: string, revision?: number): Promise<unknown>;
  };
  objects(name: string): {
    put(name: string, bytes: Uint8Array): Promise<unknown>;
    get(name: string): Promise<Uint8Array | undefined>;
    has(name: string): Promise<boolean>;
  };
}

/** Stores a pack version and makes it the one that answers, in this order, so that no one sees a digest that can't be fetched. */
export async function activatePack(store: PackStore, pack: { version: PackVersion; files: PackFiles }): Promise<"activated" | "unchanged"> {
  void store;
  void pack;
  return "unchanged";
}

/** Takes a pack out of the catalog. Its versions stay stored: runs that began with them go on. */
export async function deactivatePack(store: PackStore, name: string): Promise<void> {
  void store;
  void name;
}

/** The definitions of a version, or a Problem `pack_unavailable`. */
export async function fetchVersion(store: PackStore, digest: string): Promise<PackVersion> {
  void store;
  throw new Error(`${digest} can't be fetched yet`);
}

/** The files of a version, or a Problem `pack_unavailable`. */
export async function fetchFiles(store: PackStore, digest: string): Promise<PackFiles> {
  void store;
  throw new Error(`${digest} can't be fetched yet`);
}
