import { buckets, nameOfToken, type ActivePack, type BucketDeclaration, type PackVersion } from "@bellhop/contracts";
import { fetchVersion, type PackStore } from "./store.ts";

/** What following needs of the bus. A `Bus` of `@bellhop/bus` fits. */
export interface FollowedStore extends Pick<PackStore, "objects"> {
  bucket<Value>(declaration: BucketDeclaration<Value>): {
    watch(filter: string, onEntry: (entry: { key: string; value?: Value }) => void, options: { onReady: () => void }): { stop(): void };
  };
}

interface FollowOptions {
  store: FollowedStore;
  log: Record<"warn" | "error", (fields: Record<string, unknown>, words: string) => void>;
  /** What can't be fetched is asked for again after this long, in milliseconds; each further time it is twice as long, up to thirtyfold. */
  retryMs: number;
  /** The version of a pack that answers from now on; undefined where none does. They come one after the other; where it throws, that is logged.
   *  @param at.more whether others wait already */
  take(name: string, version: PackVersion | undefined, at: { more: boolean }): void | Promise<void>;
  /** All that was said so far was taken, or could not be fetched in several tries. Told again after later changes. */
  onSettled(): void;
}

/** Follows which versions of packs answer, and fetches each. What can't be fetched is tried again until it can be, or until something else takes its place: until
 *  then the one before it answers. */
export function followVersions(options: FollowOptions): { stop(): void } {
  const { store, log, retryMs } = options;
  const newest = new Map<string, Change>();
  /** Changes that are waited for. */
  const open = new Set<Change>();
  const pauses = new Set<NodeJS.Timeout>();
  let isRead = false;
  let stopped = false;
  let turn = Promise.resolve();

  const settle = () => {
    if (isRead && open.size === 0 && !stopped) options.onSettled();
  };
  const isOver = (change: Change) => stopped || newest.get(change.key) !== change;
  const work = async (change: Change): Promise<"done" | "again"> => {
    const { name, active } = change;
    if (isOver(change)) return "done";
    let version: PackVersion | undefined;
    try {
      version = active === undefined ? undefined : await fetchVersion(store, active.digest);
    } catch (error) {
      if (isOver(change)) return "done";
      change.tries += 1;
      log.warn({ pack: name, digest: active?.digest, error: String(error) }, "a pack version can't be fetched, it is tried again");
      return "again";
    }
    try {
      if (!isOver(change)) await options.take(name, version, { more: open.size > 1 });
    } catch (error) {
      log.error({ pack: name, digest: active?.digest, error: String(error) }, "a pack version can't be used");
    }
    return "done";
  };
  const enter = (change: Change): void => {
    turn = turn.then(async () => {
      const outcome = await work(change);
      if (outcome === "again") later(change);
      // A pack that nobody can fetch must not keep the others from answering.
      if (outcome === "done" || change.tries === patience) open.delete(change);
      settle();
    });
  };
  const later = (change: Change): void => {
    const pause = setTimeout(
      () => {
        pauses.delete(pause);
        enter(change);
      },
      retryMs * Math.min(longestPause, 2 ** (change.tries - 1)),
    );
    pauses.add(pause);
  };

  const watch = store.bucket(buckets.catalog).watch(
    "active.>",
    ({ key, value: active }) => {
      const change: Change = { key, name: active?.name ?? nameOfToken(key.slice("active.".length)), active, tries: 0 };
      const before = newest.get(key);
      if (before !== undefined) open.delete(before);
      newest.set(key, change);
      open.add(change);
      enter(change);
    },
    {
      onReady: () => {
        isRead = true;
        settle();
      },
    },
  );
  return {
    stop() {
      stopped = true;
      watch.stop();
      for (const pause of pauses) clearTimeout(pause);
    },
  };
}

interface Change {
  key: string;
  name: string;
  active: ActivePack | undefined;
  tries: number;
}

/** So many tries at a version are waited for before what there is counts as all there is. */
const patience = 3;
const longestPause = 30;
