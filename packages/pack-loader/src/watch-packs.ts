import { stat } from "node:fs/promises";
import { listenTo } from "./listen.ts";
import { loadPack, type FaultyPack, type LoadedPack, type LoadOptions } from "./load-pack.ts";

export interface WatchOptions extends LoadOptions {
  /** Folders of packs: each is one pack. One that is not there yet is waited for, as long as the folder around it is there. */
  readonly folders: readonly string[];
  /** How a folder is read. Default: {@link loadPack}, with these options. Where `takesLong` is called, the start does not wait for it; `signal` is
   *  aborted when nobody wants to know any more. */
  load?(folder: string, at: { takesLong: () => void; signal: AbortSignal }): Promise<LoadedPack | FaultyPack>;
  /** A pack was read: at the start, and after each change that altered its digest. */
  onLoaded(folder: string, pack: LoadedPack): void | Promise<void>;
  /** A pack can't be read. What was loaded before stays good, unless what is given back is taken in its place: {@link FaultyPack.rest}. */
  onFaulty(folder: string, pack: FaultyPack): LoadedPack | undefined | Promise<LoadedPack | undefined>;
  /** A pack that was loaded is gone: its folder, or its name changed. */
  onRemoved(folder: string, name: string): void | Promise<void>;
  /** Quiet time after a change before the pack is read, in milliseconds. Default 50. */
  readonly debounceMs?: number;
  /** When a pack is read again that was faulty for a time only, in milliseconds; each further time it is twice as long, up to tenfold. Default 30 000. */
  readonly retryMs?: number;
  /** What a callback threw. Default: it is thrown where nobody catches it. */
  onError?(folder: string, error: unknown): void;
}

/** Reads the packs and keeps reading them as they change. Resolves when each was read once, or takes long. Calls for one folder come one after another. */
export async function watchPacks(options: WatchOptions): Promise<{ stop(): Promise<void> }> {
  const watched = options.folders.map((folder) => watchFolder(folder, options));
  await Promise.all(watched.map((one) => one.ready));
  return {
    async stop() {
      await Promise.all(watched.map((one) => one.stop()));
    },
  };
}

function watchFolder(folder: string, options: WatchOptions): { ready: Promise<void>; stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let retries = 0;
  let active: LoadedPack | undefined;
  /** What was complained about last, so that a touched file does not repeat it. */
  let complained = "";
  let work: Promise<void> = Promise.resolve();
  const stopping = new AbortController();
  const unhurried = Promise.withResolvers<void>();

  async function read(): Promise<void> {
    if (stopping.signal.aborted) return;
    if (!(await isFolder(folder))) {
      await gone();
      return;
    }
    const pack = await (options.load?.(folder, { takesLong: unhurried.resolve, signal: stopping.signal }) ?? loadPack(folder, options));
    if (stopping.signal.aborted) return;
    if (pack.kind === "faulty" && pack.temporary === true) readLater();
    else retries = 0;
    if (pack.kind === "faulty") {
      // Taken away while it was read.
      if (!(await isFolder(folder))) return gone();
      const complaint = JSON.stringify([pack.problems, pack.rest?.version.digest]);
      if (complaint === complained) return;
      complained = complaint;
      active = (await options.onFaulty(folder, pack)) ?? active;
      return;
    }
    const mended = complained !== "";
    complained = "";
    if (active?.version.digest === pack.version.digest && !mended) return;
    if (active !== undefined && active.version.name !== pack.version.name) await options.onRemoved(folder, active.version.name);
    active = pack;
    await options.onLoaded(folder, pack);
  }

  function readLater(): void {
    clearTimeout(retry);
    retry = setTimeout(() => void run(), (options.retryMs ?? 30_000) * Math.min(2 ** retries++, 10));
  }

  async function gone(): Promise<void> {
    complained = "";
    const before = active;
    active = undefined;
    if (before !== undefined) await options.onRemoved(folder, before.version.name);
  }

  function run(): Promise<void> {
    work = work.then(read).catch((error: unknown) => {
      if (options.onError === undefined) throw error;
      options.onError(folder, error);
    });
    return work;
  }

  function changed(): void {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => void run(), options.debounceMs ?? 50);
  }

  const listening = listenTo(folder, changed);
  return {
    ready: Promise.race([run(), unhurried.promise]),
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      clearTimeout(retry);
      listening.stop();
      await work.catch(() => undefined);
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
