import type { Bus } from "@bellhop/bus";
import { buckets, type AccessList, type Owners, type PackVersion } from "@bellhop/contracts";
import {
  emptyCatalog,
  indexRules,
  packSteps,
  policyOf,
  prepareMatching,
  withoutPack,
  withPack,
  type Catalog,
  type CompiledRule,
  type FileRule,
  type Policy,
  type RuleIndex,
} from "@bellhop/core";
import { fetchVersion, followSwitches, followVersions } from "@bellhop/pack-loader";
import { inSlices, type Log } from "@bellhop/service";
import type { EngineConfig } from "../config.ts";

/** What the engine decides with: the catalog and who may do what, kept current. */
export interface Knowledge {
  catalog(): Catalog;
  /** The packs as these digests name them: what a run of a workflow keeps to its end. @throws Problem pack_unavailable */
  catalogOf(digests: Readonly<Record<string, string>>): Promise<Catalog>;
  /** The rules of all packs, those left out that somebody switched off. */
  rules(): RuleIndex;
  /** Tells when they may have changed. */
  onRules(listener: () => void): { stop(): void };
  policy(): Policy;
  /** Takes note of the access list as this engine wrote it, so that what it says next is decided with it. */
  wrote(list: AccessList, revision: number): void;
  /** Resolves when a catalog with at least one pack is there, before which every command would be "unknown", and the owners and the access list are
   *  known, before which everybody would be a stranger; and which rules are switched off. */
  ready: Promise<void>;
  stop(): void;
}

/** Of versions that do not answer any more, and of catalogs that have one of them: what live runs may still need. */
const versionsKept = 64;
const catalogsKept = 8;

/** Follows the active pack versions, the owners and the access list. A pack is swapped whole, and only once its version could be fetched; until then the one
 *  before it answers. */
export function knowledge(at: {
  bus: Bus;
  owners: readonly string[];
  access: readonly FileRule[];
  roles?: EngineConfig["roles"];
  log: Log;
  /** How soon a pack version that could not be fetched is asked for again, in milliseconds. */
  retryMs: number;
}): Knowledge {
  const { bus, owners, access, roles, log, retryMs } = at;
  let catalog = emptyCatalog;
  let claimed: Owners | undefined;
  let list: AccessList | undefined;
  let listRevision = 0;
  let policy = policyOf({ owners, file: access, rules: [], roles });
  let unread = 4;
  let rules: RuleIndex | undefined;
  const listeners = new Set<() => void>();
  const rulesChanged = () => {
    rules = undefined;
    for (const listener of listeners) listener();
  };
  const ready = Promise.withResolvers<void>();

  const take = async (name: string, version: PackVersion | undefined, more: boolean): Promise<void> => {
    catalog = version === undefined ? withoutPack(catalog, name) : await withVersion(version, more);
    rulesChanged();
    log.info({ pack: name, version: version?.version, digest: version?.digest }, "catalog changed");
  };
  const withVersion = async (version: PackVersion, more: boolean): Promise<Catalog> => {
    const next = await inSlices(packSteps(catalog, version));
    // Of packs that come in one after another only the last makes the index.
    if (!more) await inSlices(prepareMatching(next));
    for (const fault of next.faults) if (fault.pack === version.name) log.warn({ ...fault }, "an alias format can't be used");
    return next;
  };
  const settle = () => {
    if (unread === 0 && catalog.packs.size > 0) ready.resolve();
  };
  // After a reconnect a watch may say again that it is ready.
  const once = () => {
    let read = false;
    return () => {
      if (!read) unread -= 1;
      read = true;
      settle();
    };
  };
  const judge = () => {
    const given = list?.rules ?? [];
    policy = policyOf({ owners: [...owners, ...(claimed?.owners ?? [])], file: access, rules: given, roles, changes: list?.changes ?? [] });
    if (policy.rules.filter(({ from }) => from.kind === "chat").length < given.length) {
      log.warn({ rules: given.length }, "some access rules can't be read, they let nobody run anything");
    }
  };
  const learn = (next: AccessList | undefined, revision: number) => {
    if (revision < listRevision) return;
    [list, listRevision] = [next, revision];
    judge();
  };

  const packsRead = once();
  const packs = followVersions({
    store: bus,
    log,
    retryMs,
    take: (name, version, { more }) => take(name, version, more),
    onSettled: () => {
      packsRead();
      if (catalog.packs.size === 0) log.info({}, "waiting for the first pack");
    },
  });
  const people = bus.bucket(buckets.owners).watch(
    "owners",
    ({ value }) => {
      claimed = value;
      judge();
    },
    { onReady: once() },
  );
  const grants = bus.bucket(buckets.access).watch("list", ({ value, revision }) => learn(value, revision), { onReady: once() });
  const switches = followSwitches({ store: bus, onChange: rulesChanged, onReady: once() });
  const versions = new Map<string, Promise<PackVersion>>();
  const versionOf = (digest: string): Promise<PackVersion> => {
    const known = versions.get(digest) ?? fetchVersion(bus, digest);
    // The latest used stands last.
    versions.delete(digest);
    versions.set(digest, known);
    known.catch(() => versions.delete(digest));
    for (const oldest of versions.keys()) if (versions.size > versionsKept) versions.delete(oldest);
    return known;
  };
  const earlier = new Map<string, Promise<Catalog>>();
  const catalogOf = async (wanted: Readonly<Record<string, string>>): Promise<Catalog> => {
    if (Object.entries(wanted).every(([pack, digest]) => catalog.packs.get(pack)?.digest === digest)) return catalog;
    const key = Object.entries(wanted).flat().join();
    const known =
      earlier.get(key) ?? Promise.all(Object.values(wanted).map(versionOf)).then((packs) => packs.reduce(withPack, emptyCatalog));
    earlier.delete(key);
    earlier.set(key, known);
    known.catch(() => earlier.delete(key));
    for (const oldest of earlier.keys()) if (earlier.size > catalogsKept) earlier.delete(oldest);
    return await known;
  };
  return {
    catalog: () => catalog,
    catalogOf,
    rules: () => (rules ??= indexRules(catalog.rules.map((rule) => switched(rule, switches.isOn(rule.definition))))),
    onRules(listener) {
      listeners.add(listener);
      return { stop: () => void listeners.delete(listener) };
    },
    policy: () => policy,
    wrote: learn,
    ready: ready.promise,
    stop() {
      packs.stop();
      people.stop();
      grants.stop();
      switches.stop();
    },
  };
}

function switched(rule: CompiledRule, enabled: boolean): CompiledRule {
  return enabled === rule.definition.enabled ? rule : { ...rule, definition: { ...rule.definition, enabled } };
}

/** The digests a verdict was reached with. */
export function digests(catalog: Catalog): Record<string, string> {
  return Object.fromEntries([...catalog.packs].map(([name, { digest }]) => [name, digest]));
}
