import type { ActivePack, InstalledVersion } from "@bellhop/contracts";
import {
  activateVersion,
  activeVersion,
  deactivatePack,
  fetchVersion,
  forgetVersion,
  installedVersions,
  recordVersion,
  storePack,
  type LoadedPack,
  type PackStore,
} from "@bellhop/pack-loader";
import { point } from "@bellhop/service";

export type Followed =
  | { kind: "activated"; /** Somebody had chosen it, and the folder has changed since. */ over?: ActivePack }
  | { kind: "unchanged" }
  /** Somebody chose this one while the folder was as it is. */
  | { kind: "chosen"; active: ActivePack };

/** Versions out of a watched folder that stay on record. */
const keptVersions = 10;

/** Stores what a watched folder has now, and lets it answer, unless somebody chose another version over just this one. Killed anywhere on the way, it is done again
 *  from its beginning. */
export async function followFolder(
  store: PackStore,
  { folder, pack, now }: { folder: string; pack: LoadedPack; now: Date },
): Promise<Followed> {
  const { name, version, digest, modules } = pack.version;
  await storePack(store, pack);
  point("pack.stored");
  const known = await installedVersions(store, name);
  const recorded = known.find((one) => one.digest === digest);
  const found: InstalledVersion = {
    v: 1,
    name,
    version,
    digest,
    ...(modules === undefined ? {} : { modules: modules.hash }),
    from: { kind: "folder", spec: folder, signature: "unsigned" },
    at: now.toISOString(),
  };
  // What was asked for keeps its origin.
  if (recorded?.by === undefined) await recordVersion(store, found);
  point("pack.recorded");
  const { kind, before } = await activateVersion(store, { name, version, digest }, (current) =>
    isChosenOver(current, digest) ? undefined : { folder: digest },
  );
  if (kind === "unchanged") return isChosenOver(before, digest) ? { kind: "chosen", active: before } : { kind };
  const active = await activeVersion(store, name);
  for (const old of outdated([found, ...known.filter((one) => one.digest !== digest)], [active, before])) await forgetVersion(store, old);
  return { kind, ...(before !== undefined && wasChosen(before, known) ? { over: before } : {}) };
}

/** The folder is gone, or its pack has another name now. What somebody chose over it goes on. */
export async function leaveFolder(
  store: PackStore,
  { name, digest }: { name: string; digest: string | undefined },
): Promise<ActivePack | undefined> {
  const active = await activeVersion(store, name);
  if (active !== undefined && active.digest !== digest) return active;
  await deactivatePack(store, name);
  return undefined;
}

function isChosenOver(current: ActivePack | undefined, digest: string): boolean {
  return current !== undefined && current.digest !== digest && current.folder === digest;
}

function wasChosen(before: ActivePack, known: readonly InstalledVersion[]): boolean {
  if (before.folder !== undefined) return before.folder !== before.digest;
  return known.find(({ digest }) => digest === before.digest)?.by !== undefined;
}

/** Beyond the last ten: what a watched folder had, and nobody asked for. */
function outdated(known: readonly InstalledVersion[], kept: readonly (ActivePack | undefined)[]): InstalledVersion[] {
  const digests = new Set(kept.flatMap((one) => [one?.digest, one?.previous]));
  return known
    .filter(({ from, by }) => from.kind === "folder" && by === undefined)
    .filter(({ digest }, index) => index >= keptVersions && !digests.has(digest));
}

/** Whether a version answers that lacks nothing: it is not given up for what is left of another. */
export async function isWhole(bus: PackStore, name: string): Promise<boolean> {
  const answering = await activeVersion(bus, name);
  return answering !== undefined && (await fetchVersion(bus, answering.digest)).without === undefined;
}
