import type { FaultyPack, LoadedPack, LoadOptions } from "./load-pack.ts";

export interface WatchOptions extends LoadOptions {
  /** Folders of packs: each is one pack. */
  readonly folders: readonly string[];
  /** A pack was read: at the start, and after each change that altered its digest. */
  onLoaded(folder: string, pack: LoadedPack): void | Promise<void>;
  /** A pack can't be read. What was loaded before stays good. */
  onFaulty(folder: string, pack: FaultyPack): void | Promise<void>;
  /** A pack that was loaded is gone. */
  onRemoved(folder: string, name: string): void | Promise<void>;
  /** Quiet time after a change before the pack is read, in milliseconds. Default 50. */
  readonly debounceMs?: number;
}

/** Reads the packs and keeps reading them as they change. Resolves when each was read once. Calls for one folder come one after another. */
export async function watchPacks(options: WatchOptions): Promise<{ stop(): Promise<void> }> {
  void options;
  return { stop: async () => {} };
}
