import type { Bus } from "@bellhop/bus";
import { buckets, type ActivePack } from "@bellhop/contracts";
import { emptyCatalog, withoutPack, withPack, type Catalog, type Policy } from "@bellhop/core";
import { fetchVersion } from "@bellhop/pack-loader";
import type { Log } from "@bellhop/service";
import { Serially } from "./serially.ts";

/** What the engine decides with: the catalog and who may do what, kept current. */
export interface Knowledge {
  catalog(): Catalog;
  policy(): Policy;
  /** Resolves when a catalog with at least one pack is there: before that every command would be "unknown". */
  ready: Promise<void>;
  stop(): void;
}

/** Follows the active pack versions and the owners. A pack is swapped whole, and only once its version could be fetched; until then the one
 *  before it answers. */
export function knowledge(at: { bus: Bus; owners: readonly string[]; log: Log }): Knowledge {
  const { bus, owners, log } = at;
  let catalog = emptyCatalog;
  let policy: Policy = { owners: new Set(owners) };
  let complete = false;
  const pending = new Set<Promise<void>>();
  const turns = new Serially();
  const ready = Promise.withResolvers<void>();

  const swap = async (name: string, active: ActivePack | undefined): Promise<void> => {
    try {
      catalog = active === undefined ? withoutPack(catalog, name) : await withVersion(active);
      log.info({ pack: name, version: active?.version, digest: active?.digest }, "catalog changed");
    } catch (error) {
      log.error({ pack: name, digest: active?.digest, error: String(error) }, "a pack version can't be used");
    }
  };
  const withVersion = async (active: ActivePack): Promise<Catalog> => {
    const version = await fetchVersion(bus, active.digest);
    const next = withPack(catalog, version);
    for (const fault of next.faults) if (fault.pack === version.name) log.warn({ ...fault }, "an alias format can't be used");
    return next;
  };
  const settle = () => {
    if (complete && pending.size === 0 && catalog.packs.size > 0) ready.resolve();
  };

  const packs = bus.bucket(buckets.catalog).watch(
    "active.>",
    ({ key, value }) => {
      const name = value?.name ?? key.slice("active.".length);
      // One after the other: the newest change of a pack must be the last to be applied.
      const change = turns.run("catalog", () => swap(name, value));
      pending.add(change);
      void change.finally(() => {
        pending.delete(change);
        settle();
      });
    },
    {
      onReady: () => {
        complete = true;
        settle();
        if (pending.size === 0 && catalog.packs.size === 0) log.info({}, "waiting for the first pack");
      },
    },
  );
  const people = bus.bucket(buckets.owners).watch("owners", ({ value }) => {
    policy = { owners: new Set([...owners, ...(value?.owners ?? [])]) };
  });
  return {
    catalog: () => catalog,
    policy: () => policy,
    ready: ready.promise,
    stop() {
      packs.stop();
      people.stop();
    },
  };
}

/** The digests a verdict was reached with. */
export function digests(catalog: Catalog): Record<string, string> {
  return Object.fromEntries([...catalog.packs].map(([name, { digest }]) => [name, digest]));
}
